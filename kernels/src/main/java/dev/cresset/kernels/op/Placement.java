package dev.cresset.kernels.op;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.schema.Argument;
import dev.cresset.ir.schema.FunctionSchema;
import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.OptionalType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.Type;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Tensor;

/**
 * Where an operator runs: on the device of its tensor arguments, else where its {@code device} argument says, else – for
 * what makes tensors – where the call is. Tensors of no dimension that are on the host go with those on a device.
 */
final class Placement {
    private final int deviceArgument;    // position, or -1

    Placement(FunctionSchema schema) {
        int found = -1;
        for (int i = 0; i < schema.arguments().size(); i++) if (isDevice(schema.arguments().get(i))) found = i;
        deviceArgument = found;
    }

    private static boolean isDevice(Argument a) {
        Type t = a.type() instanceof OptionalType o ? o.element() : a.type();
        return t == SimpleType.DEVICE;
    }

    /** What the tensors among the arguments say. */
    private static final class Found {
        Tensor onDevice, onHost;        // the first ones; onHost has dimensions
        boolean hostScalar;

        void look(Object value) {
            switch (value) {
                case Tensor t when t.device().isCuda() -> {
                    if (onDevice == null) onDevice = t;
                    else if (!onDevice.device().equals(t.device())) throw mixed(onDevice.device(), t.device());
                }
                case Tensor t when t.dim() == 0 -> hostScalar = true;
                case Tensor t -> { if (onHost == null) onHost = t; }
                case ScriptList l -> {
                    for (int i = 0; i < l.size() && (l.get(i) instanceof Tensor || l.get(i) == null); i++) look(l.get(i));
                }
                case null, default -> { }
            }
        }
    }

    /**
     * The device on which to run; the host is {@link Device#CPU}.
     *
     * @param current where the call is
     * @param strict  whether tensors with dimensions must all be in one place
     * @throws ScriptError if they are not, in PyTorch's words
     */
    Device of(Args a, Device current, boolean strict) {
        Found found = new Found();
        for (int i = 0; i < a.size(); i++) found.look(a.get(i));
        if (found.onDevice != null) {
            if (strict && found.onHost != null) throw mixed(found.onDevice.device(), found.onHost.device());
            if (deviceArgument < 0 || a.isNone(deviceArgument)) return found.onDevice.device();
        }
        if (deviceArgument >= 0) {
            Device asked = a.device(deviceArgument);
            if (asked != null) return asked;
            return found.onHost != null || found.hostScalar ? Device.CPU : current;
        }
        return Device.CPU;
    }

    static ScriptError mixed(Device one, Device other) {
        return new ScriptError("Expected all tensors to be on the same device, but found at least two devices, " + one + " and " + other + "!");
    }
}
