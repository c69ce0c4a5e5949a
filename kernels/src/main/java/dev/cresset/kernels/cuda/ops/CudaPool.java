package dev.cresset.kernels.cuda.ops;

import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.code.ImageKernels;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;
import java.util.List;

/** Pooling on a CUDA device. Tensors are [n, c, d, h, w]. */
public final class CudaPool {
    private CudaPool() {}

    /** @param indices int64 positions within the plane, or null */
    public static void maximum(CallContext context, List<ImageKernels.Window> windows, Tensor from, Tensor to, Tensor indices) {
        long[] places = indices == null ? to.strides() : indices.strides();
        var pool = new ImageKernels.Pool(from.address(), to.address(), indices == null ? 0 : indices.address(), false, 0, to.sizes(),
            from.strides(), to.strides(), places, windows);
        CudaCall.stream(context).launch(ImageKernels.maxPool(from.dtype()), pool.slots(), to.numel());
    }

    /** @param divisor of sums; 0 for as many elements as a window has, with padding if that counts */
    public static void average(CallContext context, List<ImageKernels.Window> windows, boolean countPadding, double divisor, Tensor from, Tensor to) {
        var pool = new ImageKernels.Pool(from.address(), to.address(), 0, countPadding, divisor, to.sizes(), from.strides(), to.strides(),
            to.strides(), windows);
        CudaCall.stream(context).launch(ImageKernels.averagePool(from.dtype()), pool.slots(), to.numel());
    }
}
