package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.fuse.LoopNest;
import java.util.List;

/** Operators over rows as loop nests, so that {@link CudaKernels#nest} prints their unfused kernels too. */
public final class RowNests {
    private RowNests() {}

    /**
     * softmax or log_softmax along the last dimension, in the compute type of the result. Any dimension can be the last one: strides
     * say where it is.
     *
     * @param sizes   of both tensors
     * @param offset,strides of the result
     */
    public static LoopNest softmax(long[] sizes, LoopNest.Operand in, ScalarType type, long offset, long[] strides, boolean log) {
        ScalarType t = Expr.compute(type);
        Expr x = new Expr.Load(0, in.type()).to(t), max = new Expr.Reduced(0, t), sum = new Expr.Reduced(1, t);
        Expr value = x.sub(max).exp();
        Expr result = log ? x.sub(max).sub(sum.log()) : value.div(sum);
        List<LoopNest.Reduction> folds = List.of(new LoopNest.Reduction(LoopNest.Fold.MAX, x), new LoopNest.Reduction(LoopNest.Fold.SUM, value));
        return new LoopNest(sizes, List.of(in), folds, List.of(new LoopNest.Result(type, offset, strides, result)));
    }
}
