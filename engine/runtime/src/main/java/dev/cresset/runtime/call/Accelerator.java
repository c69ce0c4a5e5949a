package dev.cresset.runtime.call;

import dev.cresset.ir.type.Device;
import dev.cresset.kernels.cuda.CudaDevice;
import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.CpuFallback;
import dev.cresset.kernels.op.DeviceCall;
import dev.cresset.kernels.op.Precision;
import dev.cresset.kernels.plan.Target;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Tensor;

/**
 * The device that an engine's programs run on, if it is not the host.
 *
 * @param fallback    runs what the device has no kernel for; null if that is an error
 * @param throughHost runs what is declared to run on the host
 * @param precision   of products, convolutions and recurrent layers of float32
 */
public record Accelerator(CudaDevice cuda, CpuFallback fallback, CpuFallback throughHost, Precision precision) {
    public Accelerator(CudaDevice cuda, CpuFallback fallback, Precision precision) { this(cuda, fallback, new CpuFallback(), precision); }

    public Device device() { return cuda.device(); }

    /** Lets a call run on a stream of the device. */
    CallContext on(CallContext context, CudaStream stream) { return context.on(call(stream)); }

    /** A copy of a host's tensor that has one owner. */
    public Tensor copy(Tensor t, Settings settings) {
        CudaStream stream = cuda.lease();
        try (Scope scope = new Scope(settings.pool())) {
            CallContext context = on(settings.context(scope), stream);
            Tensor copy = context.place(t, device());
            scope.handOver(copy.storage());
            return copy;
        } finally {
            cuda.giveBack(stream);
        }
    }

    /** What plans for it run on. */
    public Target target() { return new Target.Cuda(cuda, fallback, throughHost, precision); }

    /** What a call has of the device. */
    public DeviceCall call(CudaStream stream) { return stream.call(fallback, throughHost, precision); }
}
