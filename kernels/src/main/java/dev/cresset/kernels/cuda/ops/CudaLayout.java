package dev.cresset.kernels.cuda.ops;

import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.code.LayoutKernels;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;

/** Copies whose places follow from coordinates alone, on a CUDA device. */
public final class CudaLayout {
    private CudaLayout() {}

    /**
     * out[c] = in[map(c)].
     *
     * @param maps   for each dimension; no CONSTANT
     * @param before elements of the result before the input's first, in each dimension
     */
    public static void mapped(CallContext context, Tensor in, Tensor out, LayoutKernels.Map[] maps, long[] before) {
        long[] slots = new LayoutKernels.Mapped(in.address(), out.address(), out.sizes(), in.strides(), out.strides(), in.sizes(), before, maps, 0).slots();
        ((CudaCall) context.deviceCall()).stream().launch(LayoutKernels.mapped(out.dtype()), slots, out.numel());
    }

    /** tril and triu of the last two dimensions. */
    public static void triangle(CallContext context, Tensor in, Tensor out, long diagonal, boolean upper) {
        long[] slots = new LayoutKernels.Triangle(in.address(), out.address(), diagonal, upper, out.sizes(), in.strides(), out.strides()).slots();
        ((CudaCall) context.deviceCall()).stream().launch(LayoutKernels.triangle(out.dtype()), slots, out.numel());
    }

    /** start + i · step for i from 0; in int64 if both are Long. @param out row-major */
    public static void range(CallContext context, Tensor out, Number start, Number step) {
        long[] slots = new LayoutKernels.Range(out.address(), out.numel(), start, step).slots();
        ((CudaCall) context.deviceCall()).stream().launch(LayoutKernels.range(out.dtype()), slots, out.numel());
    }
}
