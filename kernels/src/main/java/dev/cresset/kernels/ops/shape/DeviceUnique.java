package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.ops.CudaNonzero;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.List;

/** Distinct elements or slices on a device, by sorting and by comparing neighbours. How many there are is read back. */
record DeviceUnique(CallContext c, boolean sorted, boolean inverse, boolean counts) {
    /** The distinct elements, the number that each element has among them, how often each occurs; the last two empty if not wanted. */
    Object[] elements(Tensor t) {
        Tensor flat = ViewOps.reshape(c, t, -1);
        Tensor[] line = sorted ? sort(flat, 0) : new Tensor[] {flat, null};
        return results(flat, 0, begins(line[0], 0), line[1], t.sizes());
    }

    /** As {@link #elements} for the slices along a dimension. */
    Object[] slices(Tensor t, long dim) {
        int d = Shapes.wrapDim(dim, t.dim());
        long n = t.sizes()[d];
        Tensor rows = ViewOps.reshape(c, Views.transpose(t, 0, d), n, n == 0 ? 0 : t.numel() / n);
        if (rows.numel() == 0) return results(t, d, begins(c.zeros(ScalarType.INT64, n), 0), null, new long[] {n});
        if (!sorted) return results(t, d, c.tensor("aten::any.dim", begins(rows, 0), 1L), null, new long[] {n});
        Tensor[] line = sort(ranks(Views.transpose(rows, 0, 1)), 0);
        return results(t, d, begins(line[0], 0), line[1], new long[] {n});
    }

    private Tensor[] sort(Tensor t, long dim) {
        Object[] both = (Object[]) c.call("aten::sort.stable", t, true, dim, false);
        return new Tensor[] {(Tensor) both[0], (Tensor) both[1]};
    }

    /** Which elements differ from the one before them along a dimension: bool, true for the first. */
    private Tensor begins(Tensor t, int dim) {
        Tensor out = Fill.dense(c, c.empty(ScalarType.BOOL, t.sizes()), true);
        long n = t.sizes()[dim];
        if (t.numel() == 0 || n == 1) return out;
        Expr differs = new Expr.Load(0, t.dtype()).ne(new Expr.Load(1, t.dtype()));
        Elementwise.apply(c, differs, Views.narrow(out, dim, 1, n - 1), Views.narrow(t, dim, 1, n - 1), Views.narrow(t, dim, 0, n - 1));
        return out;
    }

    /**
     * The place of each column among all in lexicographic order, equal ones having the same: neighbouring rows, the upper one
     * counting more, are joined until one is left. A column with NaN is equal to no other.
     */
    private Tensor ranks(Tensor columns) {
        long n = columns.sizes()[1];
        Tensor ranks = rankOfEach(columns);
        while (ranks.sizes()[0] > 1) {
            long rows = ranks.sizes()[0];
            Tensor upper = Views.slice(ranks, 0, 0, rows - 1, 2), lower = Views.slice(ranks, 0, 1, rows, 2);
            Tensor joined = rankOfEach(c.tensor("aten::add.Tensor", lower, upper, n));
            ranks = rows % 2 == 0 ? joined : c.tensor("aten::cat", List.of(joined, Views.narrow(ranks, 0, rows - 1, 1)), 0L);
        }
        return Views.select(ranks, 0, 0);
    }

    /** For each element of a row how many different ones are smaller. */
    private Tensor rankOfEach(Tensor rows) {
        Tensor[] line = sort(rows, 1);
        return c.tensor("aten::scatter_.src", c.empty(ScalarType.INT64, rows.sizes()), 1L, line[1], runs(begins(line[0], 1), 1));
    }

    /** The number of the run that each element is in. */
    private Tensor runs(Tensor begins, long dim) { return c.tensor("aten::sub.Scalar", c.tensor("aten::cumsum", begins, dim), 1L, 1L); }

    /**
     * @param begins where runs of equal slices begin, in sorted order or as they are
     * @param order  the slice at each place of the sorted order, or null
     * @param shape  of the inverse
     */
    private Object[] results(Tensor t, int dim, Tensor begins, Tensor order, long[] shape) {
        Tensor first = CudaNonzero.numbers(c, begins), none = c.empty(ScalarType.INT64, 0);
        Tensor chosen = order == null ? first : c.tensor("aten::index_select", order, 0L, first);
        Tensor runs = inverse ? runs(begins, 0) : none;
        if (inverse && order != null) runs = c.tensor("aten::scatter_.src", c.empty(ScalarType.INT64, order.sizes()), 0L, order, runs);
        return new Object[] {c.tensor("aten::index_select", t, (long) dim, chosen), inverse ? Views.view(runs, shape) : none,
            counts ? lengths(first, begins.numel()) : none};
    }

    private Tensor lengths(Tensor first, long all) {
        long n = first.numel();
        if (n == 0) return first;
        Tensor ends = c.tensor("aten::cat", List.of(Views.narrow(first, 0, 1, n - 1), Views.view(Fill.scalar(c, ScalarType.INT64, all), 1)), 0L);
        return c.tensor("aten::sub.Tensor", ends, first, 1L);
    }
}
