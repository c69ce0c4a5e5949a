package dev.cresset.tensor;

import dev.cresset.ir.diag.CressetException;
import dev.cresset.ir.type.Device;

/** Host code wanted to touch memory that lies on a device. */
public final class DeviceAccessException extends CressetException {
    private final Device device;

    DeviceAccessException(Device device) {
        super("the memory of this tensor is on " + device + " and cannot be read or written on the host; "
            + "Tensor.cpu() gives a copy that can");
        this.device = device;
    }

    public Device device() { return device; }
}
