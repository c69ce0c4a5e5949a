package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.code.ReduceKernels.Operator;
import dev.cresset.kernels.cuda.code.ScanKernels;
import dev.cresset.kernels.cuda.ops.CudaLines;
import dev.cresset.kernels.cuda.ops.CudaReduce;
import dev.cresset.kernels.expr.BinaryFn;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;

/** Elements by their rank in a line, on a device: of sorted lines, whose NaNs are last. Results are values and indices. */
final class RankOnDevice {
    private RankOnDevice() {}

    /** The element of rank k, counted from 0. */
    static void kth(CallContext c, Tensor self, long dim, int k, Tensor[] out) {
        Tensor t = self.dim() == 0 ? Views.unsqueeze(self, 0) : self;
        int d = Shapes.wrapDim(dim, t.dim());
        Tensor[] sorted = sorted(c, t, d, k + 1);
        for (int i = 0; i < 2; i++) copy(c, Views.narrow(sorted[i], d, k, 1), out[i]);
    }

    private static Tensor[] sorted(CallContext c, Tensor t, int dim, long first) {
        long[] sizes = t.sizes().clone();
        sizes[dim] = first;
        Tensor[] out = {c.empty(t.dtype(), sizes), c.empty(ScalarType.INT64, sizes)};
        CudaLines.sort(c, t, dim, false, out[0], out[1]);
        return out;
    }

    private static void copy(CallContext c, Tensor from, Tensor out) { Elementwise.copy(c, c.tensor("aten::reshape", from, out.sizes()), out); }

    /** The lower one of the two in the middle. @param skip leaves out NaNs, else one of them is the median */
    static void median(CallContext c, Tensor self, long dim, boolean skip, Tensor[] out) {
        Tensor t = self.dim() == 0 ? Views.unsqueeze(self, 0) : self;
        int d = Shapes.wrapDim(dim, t.dim());
        long n = t.sizes()[d];
        if (!t.dtype().isFloating()) {
            kth(c, t, d, (int) ((n - 1) / 2), out);
            return;
        }
        Tensor nans = nans(c, t, d), rank = c.empty(ScalarType.INT64, nans.sizes());
        Expr bad = new Expr.Load(0, ScalarType.INT64), all = new Expr.Param(1, ScalarType.INT64), good = all.sub(bad);
        Expr isNaN = skip ? bad.eq(all) : bad.gt(0);
        Elementwise.apply(c, isNaN.select(good, good.sub(1).apply(BinaryFn.TRUNC_DIV, Expr.constant(2, ScalarType.INT64))), rank, nans, n);
        Tensor[] sorted = sorted(c, t, d, n);
        for (int i = 0; i < 2; i++) copy(c, c.tensor("aten::gather", sorted[i], (long) d, rank), out[i]);
    }

    /** The first of the longest runs of equal elements of a sorted line, and where the last one of it is. */
    static void mode(CallContext c, Tensor self, long dim, Tensor[] out) {
        if (out[0].numel() == 0) return;
        Tensor t = self.dim() == 0 ? Views.unsqueeze(self, 0) : self;
        int d = Shapes.wrapDim(dim, t.dim());
        long n = t.sizes()[d];
        Tensor[] sorted = sorted(c, t, d, n);
        Tensor place = along(c.tensor("aten::arange", n), t.dim(), d);
        Tensor begin = c.zeros(ScalarType.INT64, t.sizes());      // the place itself, where a run begins
        if (n > 1) {
            Expr differs = new Expr.Load(0, t.dtype()).ne(new Expr.Load(1, t.dtype())), at = new Expr.Load(2, ScalarType.INT64);
            Elementwise.apply(c, differs.select(at, Expr.constant(0, ScalarType.INT64)), Views.narrow(begin, d, 1, n - 1),
                Views.narrow(sorted[0], d, 1, n - 1), Views.narrow(sorted[0], d, 0, n - 1), Views.narrow(place, d, 1, n - 1));
        }
        Tensor start = c.empty(ScalarType.INT64, t.sizes());
        CudaLines.scan(c, ScanKernels.Operator.MAX, begin, d, start, null);
        Tensor last = c.tensor("aten::argmax", c.tensor("aten::sub.Tensor", place, start, 1L), (long) d, true);
        for (int i = 0; i < 2; i++) copy(c, c.tensor("aten::gather", sorted[i], (long) d, last), out[i]);
    }

    /** A line as a tensor of so many dimensions, all of size 1 but one. */
    private static Tensor along(Tensor line, int rank, int dim) {
        long[] sizes = new long[rank];
        Arrays.fill(sizes, 1);
        sizes[dim] = line.numel();
        return Views.view(line, sizes);
    }

    /** For each of the shares q what lies there in the sorted line. @param out q first, then the other dimensions */
    static void quantile(CallContext c, Tensor self, long dim, double[] q, boolean skip, RankOps.Interpolation interpolation, Tensor out) {
        if (out.numel() == 0) return;
        Tensor t = self.dim() == 0 ? Views.unsqueeze(self, 0) : self;
        int d = Shapes.wrapDim(dim, t.dim());
        long n = t.sizes()[d];
        Tensor nans = nans(c, t, d), shares = along(c.place(Tensor.of(q, q.length), c.device()), t.dim(), d);
        long[] sizes = t.sizes().clone();
        sizes[d] = q.length;
        Expr bad = new Expr.Load(1, ScalarType.INT64), all = new Expr.Param(2, ScalarType.INT64);
        Expr last = all.sub(bad).sub(1).max(0).to(t.dtype());
        Tensor rank = computed(c, new Expr.Load(0, ScalarType.FLOAT64).to(t.dtype()).mul(last), sizes, shares, nans, n);
        Expr at = new Expr.Load(0, ScalarType.FLOAT64);
        boolean nearest = interpolation == RankOps.Interpolation.NEAREST;
        Tensor[] sorted = sorted(c, t, d, n);
        Tensor low = c.tensor("aten::gather", sorted[0], (long) d, whole(c, nearest ? at.round() : at.floor(), rank));
        Tensor high = c.tensor("aten::gather", sorted[0], (long) d, whole(c, at.neg().floor().neg(), rank));
        Expr a = new Expr.Load(3, t.dtype()).to(ScalarType.FLOAT64), b = new Expr.Load(4, t.dtype()).to(ScalarType.FLOAT64);
        Expr value = switch (interpolation) {
            case LINEAR -> a.eq(b).select(a, a.add(at.sub(at.floor()).mul(b.sub(a))));
            case MIDPOINT -> a.eq(b).select(a, a.add(b).div(2));
            case HIGHER -> b;
            case LOWER, NEAREST -> a;
        };
        Expr isNaN = skip ? bad.eq(all) : bad.gt(0);
        Tensor values = computed(c, isNaN.select(Expr.constant(Double.NaN, ScalarType.FLOAT64), value), sizes, rank, nans, n, low, high);
        copy(c, c.tensor("aten::movedim.int", values, (long) d, 0L), out);
    }

    private static Tensor computed(CallContext c, Expr e, long[] sizes, Object... inputs) {
        Tensor out = c.empty(ScalarType.FLOAT64, sizes);
        Elementwise.apply(c, e, out, inputs);
        return out;
    }

    private static Tensor whole(CallContext c, Expr e, Tensor rank) {
        Tensor out = c.empty(ScalarType.INT64, rank.sizes());
        Elementwise.apply(c, e.to(ScalarType.INT64), out, rank);
        return out;
    }

    /** How many elements of each line are NaN; the line's dimension is of size 1. */
    private static Tensor nans(CallContext c, Tensor t, int d) {
        boolean[] mask = Dims.mask(t.dim(), new long[] {d});
        Tensor out = c.empty(ScalarType.INT64, Dims.sizes(t, mask, true));
        CudaReduce.run(c, Operator.COUNT, c.tensor("aten::ne.Tensor", t, t), mask, out);
        return out;
    }
}
