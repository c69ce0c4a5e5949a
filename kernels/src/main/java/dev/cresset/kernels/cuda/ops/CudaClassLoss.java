package dev.cresset.kernels.cuda.ops;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.cuda.code.LossKernels;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;

/** The loss of each sample by its right class, on a CUDA device. */
public final class CudaClassLoss {
    private CudaClassLoss() {}

    /**
     * @param scores  classes are dimension {@code dim}
     * @param target  int64, of the other dimensions' sizes; one that is no class fails the call when it ends
     * @param weight  of each class, or null
     * @param losses  as large as {@code target}, of the compute type of the scores, as {@code weights}: what each sample counts
     */
    public static void run(CallContext context, Tensor scores, int dim, Tensor target, Tensor weight, long ignored, Tensor losses, Tensor weights) {
        if (target.numel() == 0) return;
        Tensor w = weight == null ? null : dense(context, weight, scores.dtype());
        long[] sizes = Views.without(scores.sizes(), dim);
        long[] targets = sizes.length == 0 ? sizes : target.strides();
        MergedDims dims = MergedDims.of(sizes, Views.without(scores.strides(), dim), targets);
        CudaStream stream = CudaCall.stream(context);
        long error = check(stream);
        long[] slots = new LossKernels.Classes(scores.address(), target.address(), w == null ? 0 : w.address(), losses.address(), weights.address(), error,
            scores.sizes()[dim], ignored, scores.strides()[dim], dims.sizes(), dims.strides()[0], dims.strides()[1]).slots();
        stream.launch(LossKernels.classes(scores.dtype()), slots, dims.count());
    }

    private static long check(CudaStream stream) {
        return stream.check((found, _) -> new ScriptError("IndexError", "Target " + found + " is out of bounds."));
    }

    private static Tensor dense(CallContext context, Tensor t, ScalarType type) {
        if (t.isContiguous() && t.dtype() == type) return t;
        Tensor copy = context.empty(type, t.sizes());
        Elementwise.copy(context, t, copy);
        return copy;
    }

    /**
     * How far the scores of wrong classes come near that of the right one, to the power of 1 or 2, divided by the number of classes.
     *
     * @param scores classes are the last dimension, which may be the only one
     * @param losses one for each sample, of the compute type of the scores
     */
    public static void margin(CallContext context, Tensor scores, Tensor target, Tensor weight, double order, double margin, Tensor losses) {
        if (losses.numel() == 0) return;
        CudaStream stream = CudaCall.stream(context);
        long w = weight == null ? 0 : dense(context, weight, scores.dtype()).address();
        long[] slots = new LossKernels.Margins(dense(context, scores, scores.dtype()).address(), dense(context, target, ScalarType.INT64).address(), w,
            losses.address(), 0, 0, check(stream), losses.numel(), scores.size(-1), order, margin).slots();
        stream.launch(LossKernels.margin(scores.dtype()), slots, losses.numel());
    }

    /**
     * As {@link #margin} with order and margin 1, for several right classes.
     *
     * @param target of the sizes of the scores: the right classes of a row are those before the first negative number
     * @param losses as large as the scores, of their compute type: what each right class adds
     */
    public static void margins(CallContext context, Tensor scores, Tensor target, Tensor losses) {
        if (losses.numel() == 0) return;
        CudaStream stream = CudaCall.stream(context);
        long classes = scores.size(-1), samples = losses.numel() / classes;
        Tensor marks = context.zeros(ScalarType.UINT8, losses.numel()), counts = context.empty(ScalarType.INT64, samples);
        long[] slots = new LossKernels.Margins(dense(context, scores, scores.dtype()).address(), dense(context, target, ScalarType.INT64).address(), 0,
            losses.address(), marks.address(), counts.address(), check(stream), samples, classes, 1, 1).slots();
        stream.launch(LossKernels.mark(), slots, samples);
        stream.launch(LossKernels.labels(scores.dtype()), slots, losses.numel());
    }
}
