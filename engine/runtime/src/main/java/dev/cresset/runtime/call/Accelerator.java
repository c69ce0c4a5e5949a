package dev.cresset.runtime.call;

import dev.cresset.ir.type.Device;
import dev.cresset.kernels.cuda.CudaDevice;
import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.CpuFallback;
import dev.cresset.kernels.op.DeviceCall;

/**
 * The device that an engine's programs run on, if it is not the host.
 *
 * @param fallback runs what the device has no kernel for; null if that is an error
 */
public record Accelerator(CudaDevice cuda, CpuFallback fallback) {
    public Device device() { return cuda.device(); }

    /** Lets a call run on a stream of the device. */
    CallContext on(CallContext context, CudaStream stream) { return context.on(call(stream)); }

    /** What a call has of the device. */
    public DeviceCall call(CudaStream stream) { return stream.call(fallback); }
}
