package dev.cresset.kernels.cuda.ops;

import dev.cresset.ir.diag.ScriptError;
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
        Tensor w = weight;
        if (w != null && !(w.isContiguous() && w.dtype() == scores.dtype())) {
            w = context.empty(scores.dtype(), weight.sizes());
            Elementwise.copy(context, weight, w);
        }
        long[] sizes = Views.without(scores.sizes(), dim);
        long[] targets = sizes.length == 0 ? sizes : target.strides();
        MergedDims dims = MergedDims.of(sizes, Views.without(scores.strides(), dim), targets);
        CudaStream stream = ((CudaCall) context.deviceCall()).stream();
        long error = stream.check((found, _) -> new ScriptError("IndexError", "Target " + found + " is out of bounds."));
        long[] slots = new LossKernels.Classes(scores.address(), target.address(), w == null ? 0 : w.address(), losses.address(), weights.address(), error,
            scores.sizes()[dim], ignored, scores.strides()[dim], dims.sizes(), dims.strides()[0], dims.strides()[1]).slots();
        stream.launch(LossKernels.classes(scores.dtype()), slots, dims.count());
    }
}
