package dev.cresset.kernels.cuda.ops;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.cuda.code.NonzeroKernels;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;

/** Which elements are not zero, on a CUDA device; how many they are is read back, since it is the size of the result. */
public final class CudaNonzero {
    private CudaNonzero() {}

    /** Their coordinates, int64 [count, dimensions], row-major. */
    public static Tensor coordinates(CallContext context, Tensor t) { return find(context, t, false); }

    /** Their numbers, counted row-major: int64 [count]. */
    public static Tensor numbers(CallContext context, Tensor t) { return find(context, t, true); }

    private static Tensor find(CallContext c, Tensor t, boolean flat) {
        if (t.numel() == 0) return result(c, 0, t, flat);
        CudaStream stream = ((CudaCall) c.deviceCall()).stream();
        long parts = NonzeroKernels.parts(t.numel());
        Tensor counts = c.empty(ScalarType.INT64, parts + 1);
        long[] counting = slots(t, counts, 0, flat);
        stream.launch(NonzeroKernels.count(t.dtype()), counting, parts);
        stream.launch(NonzeroKernels.offsets(), counting, 1);
        Tensor out = result(c, counts.getLong(parts), t, flat);
        if (out.numel() > 0) stream.launch(NonzeroKernels.fill(t.dtype()), slots(t, counts, out.address(), flat), parts);
        return out;
    }

    private static Tensor result(CallContext c, long count, Tensor t, boolean flat) {
        return flat ? c.empty(ScalarType.INT64, count) : c.empty(ScalarType.INT64, count, t.dim());
    }

    private static long[] slots(Tensor t, Tensor counts, long out, boolean flat) {
        return new NonzeroKernels.Arguments(t.address(), counts.address(), out, flat, t.sizes(), t.strides()).slots();
    }
}
