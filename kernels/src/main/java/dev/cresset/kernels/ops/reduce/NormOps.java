package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.ops.CudaReduce;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/** Norms of vectors and matrices. */
final class NormOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        declareVectorNorms(ops);
        declareLinalg(ops);
        ops.op("aten::frobenius_norm(Tensor self) -> Tensor").kernel(a -> meta(a, null, null, false), (a, out) -> norm(a, 2, null, out)).everywhere();
        ops.op("aten::frobenius_norm.dim(Tensor self, int[1] dim, bool keepdim=False) -> Tensor")
            .kernel(a -> meta(a, a.longs(1), null, a.bool(2)), (a, out) -> norm(a, 2, a.longs(1), out)).everywhere()
            .alsoAs("aten::frobenius_norm.out(Tensor self, int[1] dim, bool keepdim=False, *, Tensor(a!) out) -> Tensor(a!)");
        ops.op("aten::nuclear_norm(Tensor self, bool keepdim=False) -> Tensor")
            .composite(a -> matrixNorm(a.context(), a.tensor(0), "nuc", new long[] {-2, -1}, a.bool(1), null));
        ops.op("aten::nuclear_norm.dim(Tensor self, int[2] dim, bool keepdim=False) -> Tensor")
            .composite(a -> matrixNorm(a.context(), a.tensor(0), "nuc", a.longs(1), a.bool(2), null));
        ops.op("aten::norm_except_dim(Tensor v, int pow=2, int dim=0) -> Tensor").composite(NormOps::exceptDim);
        ops.op("aten::_weight_norm(Tensor v, Tensor g, int dim=0) -> Tensor").composite(a -> {
            CallContext c = a.context();
            Tensor length = c.tensor("aten::norm_except_dim", a.tensor(0), 2, a.int64(2));
            return c.call("aten::mul.Tensor", a.tensor(0), c.tensor("aten::div.Tensor", a.tensor(1), length));
        });
    }

    private static void declareVectorNorms(Catalog ops) {
        ops.op("aten::norm.Scalar(Tensor self, Scalar p=2) -> Tensor")
            .kernel(a -> meta(a, null, null, false), (a, out) -> norm(a, order(a, 1), null, out)).everywhere()
            .alsoAs("aten::norm.Scalar_out(Tensor self, Scalar p=2, *, Tensor(a!) out) -> Tensor(a!)");
        ops.op("aten::norm.ScalarOpt_dim(Tensor self, Scalar? p, int[1] dim, bool keepdim=False) -> Tensor")
            .kernel(a -> meta(a, a.longs(2), null, a.bool(3)), (a, out) -> norm(a, order(a, 1), a.longs(2), out)).everywhere()
            .alsoAs("aten::norm.out(Tensor self, Scalar? p, int[1] dim, bool keepdim=False, *, Tensor(a!) out) -> Tensor(a!)");
        ops.op("aten::norm.ScalarOpt_dim_dtype(Tensor self, Scalar? p, int[1] dim, bool keepdim, *, ScalarType dtype) -> Tensor")
            .kernel(a -> meta(a, a.longs(2), a.dtype(4), a.bool(3)), (a, out) -> norm(a, order(a, 1), a.longs(2), out)).everywhere()
            .alsoAs("aten::norm.dtype_out(Tensor self, Scalar? p, int[1] dim, bool keepdim, *, ScalarType dtype, Tensor(a!) out)"
                + " -> Tensor(a!)");
        ops.op("aten::norm.ScalarOpt_dtype(Tensor self, Scalar? p, *, ScalarType dtype) -> Tensor")
            .kernel(a -> meta(a, null, a.dtype(2), false), (a, out) -> norm(a, order(a, 1), null, out)).everywhere()
            .alsoAs("aten::norm.ScalarOpt_dtype_out(Tensor self, Scalar? p, *, ScalarType dtype, Tensor(a!) out) -> Tensor(a!)");
        String vector = "(Tensor self, Scalar ord=2, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None";
        ops.op("aten::linalg_vector_norm" + vector + ") -> Tensor")
            .kernel(a -> meta(a, a.longs(2), a.dtype(4), a.bool(3)), (a, out) -> norm(a, order(a, 1), a.longs(2), true, out)).everywhere()
            .alsoAs("aten::linalg_vector_norm.out" + vector + ", Tensor(a!) out) -> Tensor(a!)");
    }

    private static void declareLinalg(Catalog ops) {
        String tail = "dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor";
        ops.op("aten::linalg_norm(Tensor self, Scalar? ord=None, int[1]? " + tail).composite(NormOps::linalgNorm);
        ops.op("aten::linalg_norm.ord_str(Tensor self, str ord, int[1]? " + tail).composite(a -> matrixNorm(a.context(), a.tensor(0),
            a.get(1), a.isNone(2) ? new long[] {-2, -1} : a.longs(2), a.bool(3), a.get(4)));
        String matrix = " ord, int[] dim=[-2, -1], bool keepdim=False, *, ScalarType? dtype=None) -> Tensor";
        ops.op("aten::linalg_matrix_norm(Tensor self, Scalar" + matrix)
            .composite(a -> matrixNorm(a.context(), a.tensor(0), a.get(1), a.longs(2), a.bool(3), a.get(4)));
        ops.op("aten::linalg_matrix_norm.str_ord(Tensor self, str" + matrix.replace("ord,", "ord=\"fro\","))
            .composite(a -> matrixNorm(a.context(), a.tensor(0), a.get(1), a.longs(2), a.bool(3), a.get(4)));
    }

    private static double order(Args a, int i) { return a.float64Or(i, 2); }

    private static Meta meta(Args a, long[] dims, ScalarType dtype, boolean keepdim) {
        Tensor t = a.tensor(0);
        ScalarType type = dtype == null ? t.dtype() : dtype;
        if (!type.isFloating() && !type.isComplex()) {
            throw new ScriptError("linalg.vector_norm: Expected a floating point or complex tensor as input. Got " + type.printName());
        }
        return Dims.meta(type.toReal(), t, Dims.mask(t.dim(), dims), keepdim);
    }

    private static void norm(Args a, double p, long[] dims, Tensor out) { norm(a, p, dims, false, out); }

    /** @param strict refuses an empty row that has no norm of this order, instead of calling it 0 */
    private static void norm(Args a, double p, long[] dims, boolean strict, Tensor out) {
        Tensor t = a.tensor(0);
        boolean[] mask = Dims.mask(t.dim(), dims);
        boolean empty = Dims.count(t, mask) == 0;
        if (strict && empty && out.numel() > 0 && (p < 0 || p == Double.POSITIVE_INFINITY)) {
            throw new ScriptError("linalg.vector_norm cannot compute the " + p + " norm on an empty tensor because the operation does not "
                + "have an identity");
        }
        if (a.context().isOnDevice()) {
            double order = empty ? 1 : p;
            CudaReduce.run(a.context(), CudaReduce.norm(order), order, t, mask, out);
            return;
        }
        Tensor in = t.dtype().isComplex() ? a.context().tensor("aten::abs", t) : t;
        new Reduction(in, mask).run(a.context().threads(), () -> fold(empty ? 1 : p), out);
    }

    static DoubleFold fold(double p) {
        DoubleUnaryOperator same = DoubleUnaryOperator.identity();
        if (p == 0) return new DoubleFold(DoubleFold.Kind.NONZERO, p, same);
        if (p == 1) return new DoubleFold(DoubleFold.Kind.ABS_SUM, p, same);
        if (p == 2) return new DoubleFold(DoubleFold.Kind.SQUARES, p, Math::sqrt);
        if (p == Double.POSITIVE_INFINITY) return new DoubleFold(DoubleFold.Kind.ABS_MAX, p, same);
        if (p == Double.NEGATIVE_INFINITY) return new DoubleFold(DoubleFold.Kind.ABS_MIN, p, same);
        return new DoubleFold(DoubleFold.Kind.ABS_POWER, p, s -> Math.pow(s, 1 / p));
    }

    /** Of vectors over one dimension or all elements, of matrices over two. */
    private static Object linalgNorm(Args a) {
        Tensor t = a.tensor(0);
        if (a.isNone(1)) return a.context().call("aten::linalg_vector_norm", t, 2L, a.get(2), a.get(3), a.get(4));
        if (a.isNone(2) && t.dim() != 1 && t.dim() != 2) {
            throw new ScriptError("linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got " + t.dim() + "D.");
        }
        boolean matrix = a.isNone(2) ? t.dim() == 2 : a.longs(2).length == 2;
        if (!matrix) return a.context().call("aten::linalg_vector_norm", t, a.get(1), a.get(2), a.get(3), a.get(4));
        return matrixNorm(a.context(), t, a.get(1), a.isNone(2) ? new long[] {0, 1} : a.longs(2), a.bool(3), a.get(4));
    }

    /** @param order a name or a number, @param dtype its code or null */
    private static Tensor matrixNorm(CallContext c, Tensor self, Object order, long[] dims, boolean keepdim, Object dtype) {
        if (dims.length != 2) throw new ScriptError("linalg.matrix_norm: dim must be a 2-tuple. Got " + Arrays.toString(dims));
        Tensor t = dtype == null ? self : Dims.as(c, self, ScalarType.ofCode((Long) dtype));
        int row = Shapes.wrapDim(dims[0], t.dim());
        int column = Shapes.wrapDim(dims[1], t.dim());
        if (row == column) throw new ScriptError("linalg.matrix_norm: dims must be different. Got (" + dims[0] + ", " + dims[1] + ")");
        if (order instanceof String name) {
            return switch (name) {
                case "fro" -> c.tensor("aten::linalg_vector_norm", t, 2L, new long[] {row, column}, keepdim);
                case "nuc" -> singularValues(c, t, row, column, keepdim, "aten::sum.dim_IntList");
                default -> throw new ScriptError("linalg.matrix_norm: Order " + name + " not supported.");
            };
        }
        double p = ((Number) order).doubleValue();
        String extreme = p > 0 ? "aten::amax" : "aten::amin";
        if (Math.abs(p) == 2) return singularValues(c, t, row, column, keepdim, extreme);
        if (Math.abs(p) != 1 && !Double.isInfinite(p)) throw new ScriptError("linalg.matrix_norm: Order " + order + " not supported.");
        int summed = Math.abs(p) == 1 ? row : column;
        Tensor sums = c.tensor("aten::linalg_vector_norm", t, 1L, new long[] {summed}, true);
        Tensor out = c.tensor(extreme, sums, new long[] {summed == row ? column : row}, true);
        return keepdim ? out : squeeze(out, row, column);
    }

    private static Tensor singularValues(CallContext c, Tensor t, int row, int column, boolean keepdim, String fold) {
        long[] order = new long[t.dim()];
        int n = 0;
        for (int d = 0; d < order.length; d++) if (d != row && d != column) order[n++] = d;
        order[n] = row;
        order[n + 1] = column;
        Tensor values = c.tensor("aten::linalg_svdvals", Views.permute(t, order));
        Tensor out = c.tensor(fold, values, new long[] {-1}, false);
        if (!keepdim) return out;
        Tensor kept = Views.unsqueeze(out, Math.min(row, column));
        return Views.unsqueeze(kept, Math.max(row, column));
    }

    private static Tensor squeeze(Tensor t, int a, int b) { return Views.squeeze(Views.squeeze(t, Math.max(a, b)), Math.min(a, b)); }

    private static Object exceptDim(Args a) {
        Tensor v = a.tensor(0);
        if (a.int64(2) == -1) return a.context().call("aten::norm.Scalar", v, a.get(1));
        int dim = Shapes.wrapDim(a.int64(2), v.dim());
        long[] others = java.util.stream.LongStream.range(0, v.dim()).filter(d -> d != dim).toArray();
        return others.length == 0 ? a.context().call("aten::abs", v) : a.context().call("aten::norm.ScalarOpt_dim", v, a.get(1), others, true);
    }
}
