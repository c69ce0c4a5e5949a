package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.ops.CudaSearch;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.List;

/** Counting elements and finding their place by operators on whole tensors, for a device. */
final class SearchOnDevice {
    private SearchOnDevice() {}

    /** A type in which elements of both can be compared. */
    private static ScalarType common(Tensor a, Tensor b) {
        if (a.dtype() == b.dtype()) return a.dtype();
        return a.dtype().isIntegral() && b.dtype().isIntegral() ? ScalarType.INT64 : ScalarType.FLOAT64;
    }

    private static Tensor as(CallContext c, Tensor t, ScalarType type) { return c.tensor("aten::to.dtype", t, (long) type.code()); }

    static void places(CallContext c, Tensor sorted, Tensor values, boolean right, Tensor out) {
        ScalarType type = common(sorted, values);
        CudaSearch.places(c, as(c, sorted, type), as(c, values, type), right, out);
    }

    /** Which elements equal one of the others; NaN does not. */
    static Tensor isIn(CallContext c, Tensor elements, Tensor among, boolean invert) {
        if (among.numel() == 0) return Fill.dense(c, c.empty(ScalarType.BOOL, elements.sizes()), invert);
        ScalarType type = common(elements, among);
        Tensor wanted = as(c, elements, type), sorted = sorted(c, as(c, ViewOps.reshape(c, among, -1), type));
        Tensor places = c.tensor("aten::clamp_max", c.tensor("aten::searchsorted.Tensor", sorted, wanted), among.numel() - 1);
        return c.tensor(invert ? "aten::ne.Tensor" : "aten::eq.Tensor", c.tensor("aten::take", sorted, places), wanted);
    }

    private static Tensor sorted(CallContext c, Tensor line) { return (Tensor) ((Object[]) c.call("aten::sort", line, 0L, false))[0]; }

    /** How many elements of a line are 0, 1, … n - 1, where they are nothing else: int64 [n]. */
    private static Tensor counts(CallContext c, Tensor line, long n) {
        Tensor begins = c.tensor("aten::searchsorted.Tensor", sorted(c, line), c.tensor("aten::arange", n + 1));
        return c.tensor("aten::sub.Tensor", Views.narrow(begins, 0, 1, n), Views.narrow(begins, 0, 0, n), 1L);
    }

    /** The smallest and the largest element, read back together. */
    private static Tensor range(CallContext c, Tensor t) {
        return c.tensor("aten::stack", List.of(c.tensor("aten::min", t), c.tensor("aten::max", t)), 0L);
    }

    /** @param bins a line of integers; how many there are is read back @param type of the result: int64 unless there are weights */
    static Tensor bincount(CallContext c, Tensor bins, Tensor weights, long least, ScalarType type) {
        Tensor line = as(c, bins, ScalarType.INT64);
        long[] range = line.numel() == 0 ? new long[] {0, -1} : range(c, line).toLongArray();
        if (range[0] < 0) throw new ScriptError("bincount only supports 1-d non-negative integral inputs.");
        long n = Math.max(least, range[1] + 1);
        if (weights == null || line.numel() == 0) return counts(c, line, n);
        return c.tensor("aten::index_add", c.zeros(type, n), 0L, line, as(c, weights, type));
    }

    /** Reads the range back if both ends are equal. */
    static void histogram(CallContext c, Tensor t, int bins, double low, double high, Tensor out) {
        double[] range = {low, high};
        if (low == high && t.numel() > 0) range = range(c, t).toDoubleArray();
        SearchOps.checkRange(range, bins);
        Expr v = new Expr.Load(0, t.dtype()).to(ScalarType.FLOAT64), count = new Expr.Param(3, ScalarType.FLOAT64);
        Expr from = new Expr.Param(1, ScalarType.FLOAT64), to = new Expr.Param(2, ScalarType.FLOAT64);
        Expr place = v.sub(from).div(to.sub(from)).mul(count).min(count.sub(1)).to(ScalarType.INT64);
        Expr outside = count.to(ScalarType.INT64);
        Tensor places = c.empty(ScalarType.INT64, t.numel());
        Tensor line = ViewOps.reshape(c, t, -1);
        Elementwise.apply(c, v.ge(from).and(v.le(to)).select(place, outside), places, line, range[0], range[1], (double) bins);
        Elementwise.copy(c, Views.narrow(counts(c, places, bins + 1L), 0, 0, bins), out);
    }
}
