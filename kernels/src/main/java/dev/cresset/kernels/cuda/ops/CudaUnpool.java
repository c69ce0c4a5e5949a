package dev.cresset.kernels.cuda.ops;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.cuda.code.UnpoolKernels;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;

/** Putting maxima back, and pooling over windows at random places, on a CUDA device. */
public final class CudaUnpool {
    private CudaUnpool() {}

    /**
     * Where several elements go to one place the last one stays, as on the host. Positions outside are left out: to know of
     * them the host would have to wait.
     *
     * @param out row-major; {@code spatial} of its last dimensions are a plane
     */
    public static void unpool(CallContext c, Tensor in, Tensor where, Tensor out, int spatial) {
        if (out.numel() == 0) return;
        Tensor values = c.tensor("aten::contiguous", in), positions = c.tensor("aten::contiguous", where);
        if (positions.dtype() != ScalarType.INT64) positions = c.tensor("aten::to.dtype", positions, (long) ScalarType.INT64.code());
        Tensor marks = c.empty(ScalarType.INT64, out.sizes());
        Elementwise.fill(c, marks, -1L);
        var arguments = new UnpoolKernels.Unpool(values.address(), positions.address(), marks.address(), out.address(), in.numel(),
            plane(in, spatial), out.numel(), plane(out, spatial)).slots();
        CudaStream stream = CudaCall.stream(c);
        stream.launch(UnpoolKernels.mark(), arguments, in.numel());
        stream.launch(UnpoolKernels.take(out.dtype()), arguments, out.numel());
    }

    private static long plane(Tensor t, int spatial) {
        long n = 1;
        for (int d = t.dim() - spatial; d < t.dim(); d++) n *= t.sizes()[d];
        return n;
    }

    /** @param out,where row-major @param kernel one number for each spatial dimension */
    public static void fractional(CallContext c, Tensor in, Tensor samples, long[] kernel, Tensor out, Tensor where) {
        if (out.numel() == 0) return;
        Tensor values = c.tensor("aten::contiguous", in), phases = c.tensor("aten::contiguous", samples);
        if (phases.dtype() != in.dtype()) phases = c.tensor("aten::to.dtype", phases, (long) in.dtype().code());
        var arguments = new UnpoolKernels.Fractional(values.address(), phases.address(), out.address(), where.address(), out.numel(),
            kernel.length, three(in.sizes(), kernel.length), three(kernel, kernel.length), three(out.sizes(), kernel.length));
        CudaCall.stream(c).launch(UnpoolKernels.fractional(in.dtype()), arguments.slots(), out.numel());
    }

    /** The last ones, after as many ones as are missing. */
    private static long[] three(long[] v, int spatial) {
        long[] out = {1, 1, 1};
        System.arraycopy(v, v.length - spatial, out, 3 - spatial, spatial);
        return out;
    }
}
