package dev.cresset.kernels.cuda.ops;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.cuda.code.FamilyKernel;
import dev.cresset.kernels.cuda.code.ReduceKernels;
import dev.cresset.kernels.cuda.code.ReduceKernels.Operator;
import dev.cresset.kernels.cuda.code.ReduceKernels.Stage;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;

/** Reductions of some dimensions of a tensor on a CUDA device. */
public final class CudaReduce {
    private CudaReduce() {}

    /** As {@link #run(CallContext, Operator, double, Tensor, boolean[], Tensor...)}, for operators without number. */
    public static void run(CallContext context, Operator o, Tensor in, boolean[] mask, Tensor... out) { run(context, o, 0, in, mask, out); }

    /**
     * Reduces the dimensions that the mask names, in the type of the result where that is wider.
     *
     * @param number the order of a norm, the correction of a variance
     * @param out    one or two results, row-major over the kept dimensions
     */
    public static void run(CallContext context, Operator o, double number, Tensor in, boolean[] mask, Tensor... out) {
        if (out[0].numel() == 0) return;
        Tensor t = prepared(context, o, in, out[0].dtype());
        launch(context, o, number, t, mask, out);
    }

    private static Tensor prepared(CallContext context, Operator o, Tensor in, ScalarType result) {
        ScalarType from = in.dtype();
        boolean converts = switch (o) {
            case SUM, NANSUM, MEAN, PROD, LOGSUMEXP -> Expr.compute(from) != Expr.compute(result) && !(from.isIntegral() && result.isIntegral());
            case NORM0, NORM1, NORM2, NORM_MAX, NORM_MIN, NORM -> !from.isComplex() && Expr.compute(from) != Expr.compute(result);
            case MAX, MIN, COUNT, ANY, ALL, VAR, STD, ARGMAX, ARGMIN -> false;
        };
        if (!converts) return in;
        Tensor copy = context.empty(result, in.sizes());
        Elementwise.copy(context, in, copy);
        return copy;
    }

    private static void launch(CallContext context, Operator o, double number, Tensor t, boolean[] mask, Tensor[] out) {
        MergedDims kept = dims(t, mask, false), reduced = dims(t, mask, true);
        if (kept.sizes().length > FamilyKernel.MAX_DIMS || reduced.sizes().length > FamilyKernel.MAX_DIMS) {
            t = context.tensor("aten::contiguous", t);   // where more can be merged
            kept = dims(t, mask, false);
            reduced = dims(t, mask, true);
        }
        long rows = kept.count(), length = reduced.count();
        Stage stage = ReduceKernels.stage(rows, length, kept.innerStride(0), reduced.innerStride(0));
        long parts = stage == Stage.THREAD ? 1 : ReduceKernels.parts(rows, length);
        long states = parts == 1 ? 0 : context.empty(ScalarType.UINT8, rows * parts * o.stateBytes(t.dtype())).address();
        ScalarType result = out[0].dtype();
        long[] slots = new ReduceKernels.Arguments(t.address(), out[0].address(), out.length > 1 ? out[1].address() : 0, states, parts, number,
            kept.sizes(), kept.strides()[0], reduced.sizes(), reduced.strides()[0]).slots();
        CudaStream stream = ((CudaCall) context.deviceCall()).stream();
        stream.launch(ReduceKernels.kernel(o, t.dtype(), result, stage), slots, rows * parts);
        if (parts > 1) stream.launch(ReduceKernels.kernel(o, t.dtype(), result, Stage.JOIN), slots, rows);
    }

    private static MergedDims dims(Tensor t, boolean[] mask, boolean reduced) {
        long[] sizes = new long[t.dim()], strides = new long[t.dim()];
        int n = 0;
        for (int d = 0; d < t.dim(); d++) {
            if (mask[d] != reduced) continue;
            sizes[n] = t.sizes()[d];
            strides[n++] = t.strides()[d];
        }
        return MergedDims.of(Arrays.copyOf(sizes, n), Arrays.copyOf(strides, n));
    }

    /** The kind of vector norm of this order. */
    public static Operator norm(double p) {
        if (p == 0) return Operator.NORM0;
        if (p == 1) return Operator.NORM1;
        if (p == 2) return Operator.NORM2;
        if (Double.isInfinite(p)) return p > 0 ? Operator.NORM_MAX : Operator.NORM_MIN;
        return Operator.NORM;
    }
}
