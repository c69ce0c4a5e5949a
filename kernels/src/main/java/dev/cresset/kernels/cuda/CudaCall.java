package dev.cresset.kernels.cuda;

import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.CpuFallback;
import dev.cresset.kernels.op.DeviceCall;
import dev.cresset.kernels.op.Precision;
import dev.cresset.tensor.DeviceMemory;
import dev.cresset.tensor.Tensor;

/**
 * What a call has of a CUDA device.
 *
 * @param memory     where what it makes is, as its stream sees it
 * @param fallback    for operators without kernel; null if they are errors
 * @param throughHost for operators that are declared to run on the host
 * @param precision   of products, convolutions and recurrent layers of float32
 */
public record CudaCall(CudaStream stream, DeviceMemory memory, CpuFallback fallback, CpuFallback throughHost, Precision precision) implements DeviceCall {
    /** The stream that a call works on. @throws IllegalStateException if it runs on the host alone */
    public static CudaStream stream(CallContext context) { return ((CudaCall) context.deviceCall()).stream(); }

    /** How exact products of the call have to be. */
    public static Precision precision(CallContext context) { return ((CudaCall) context.deviceCall()).precision(); }

    @Override public void await() { stream.synchronize(); }

    @Override public void pointwise(Expr expression, Args numbers, Tensor[] tensors, Tensor out) {
        Divisors.check(stream, expression, tensors);
        PointwiseLaunch.run(stream, expression, numbers, tensors, out);
    }
}
