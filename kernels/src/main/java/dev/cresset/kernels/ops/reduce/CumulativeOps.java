package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.code.ScanKernels.Operator;
import dev.cresset.kernels.cuda.ops.CudaLines;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;

/** Running sums, products and extremes along a dimension; integrals. */
final class CumulativeOps implements OpFamily {
    private static final String TYPED = "int dim, *, ScalarType? dtype=None";

    /** Turns the loaded line into the running result, in doubles or longs. */
    private record Scan(Operator cuda, java.util.function.BiConsumer<double[], Integer> reals, java.util.function.BiConsumer<long[], Integer> longs) {
        void onDevice(Args a, Tensor out) {
            requireReal(a.tensor(0), out);
            CudaLines.scan(a.context(), cuda, a.tensor(0), a.int64(1), out, null);
        }
    }

    private static final Scan SUM = new Scan(Operator.SUM, (v, n) -> { for (int i = 1; i < n; i++) v[i] += v[i - 1]; },
        (v, n) -> { for (int i = 1; i < n; i++) v[i] += v[i - 1]; });
    private static final Scan PRODUCT = new Scan(Operator.PROD, (v, n) -> { for (int i = 1; i < n; i++) v[i] *= v[i - 1]; },
        (v, n) -> { for (int i = 1; i < n; i++) v[i] *= v[i - 1]; });
    private static final Scan LOG_SUM_EXP = new Scan(Operator.LOGSUMEXP,
        (v, n) -> { for (int i = 1; i < n; i++) v[i] = logAddExp(v[i - 1], v[i]); }, null);

    @Override public void declare(Catalog ops) {
        declare(ops, "cumsum", SUM);
        declare(ops, "cumprod", PRODUCT);
        ops.op("aten::logcumsumexp(Tensor self, int dim) -> Tensor").kernel(a -> floating(a.tensor(0)), (a, out) -> scan(a, LOG_SUM_EXP, out))
            .cuda(LOG_SUM_EXP::onDevice)
            .alsoAs("aten::logcumsumexp.out(Tensor self, int dim, *, Tensor(a!) out) -> Tensor(a!)");
        for (String name : new String[] {"cummax", "cummin"}) {
            ops.op("aten::" + name + "(Tensor self, int dim) -> (Tensor values, Tensor indices)")
                .kernels(CumulativeOps::extremeShape, (a, out) -> extremes(a, name.equals("cummax"), out))
                .cudas((a, out) -> CudaLines.scan(a.context(), name.equals("cummax") ? Operator.MAX : Operator.MIN, a.tensor(0), a.int64(1), out[0], out[1]))
                .alsoAs("aten::" + name + ".out(Tensor self, int dim, *, Tensor(a!) values, Tensor(b!) indices)"
                    + " -> (Tensor(a!) values, Tensor(b!) indices)");
        }
        declareTrapezoids(ops);
    }

    private static void declare(Catalog ops, String name, Scan scan) {
        ops.op("aten::" + name + "(Tensor self, " + TYPED + ") -> Tensor").kernel(CumulativeOps::meta, (a, out) -> scan(a, scan, out)).cuda(scan::onDevice)
            .alsoAs("aten::" + name + ".out(Tensor self, " + TYPED + ", Tensor(a!) out) -> Tensor(a!)");
        ops.op("aten::" + name + "_(Tensor(a!) self, " + TYPED + ") -> Tensor(a!)").composite(a -> {
            Tensor result = a.context().empty(meta(a).dtype(), a.tensor(0).sizes());
            if (a.context().isOnDevice()) scan.onDevice(a, result);
            else scan(a, scan, result);
            Elementwise.copy(a.context(), result, a.tensor(0));
            return a.tensor(0);
        });
    }

    private static Meta meta(Args a) {
        Tensor t = a.tensor(0);
        return Meta.of(a.dtypeOr(2, t.dtype().isIntegral() ? ScalarType.INT64 : t.dtype()), t.sizes());
    }

    private static Meta floating(Tensor t) {
        if (!t.dtype().isFloating()) throw new ScriptError("\"logcumsumexp_out_cpu\" not implemented for '" + t.dtype().printName() + "'");
        return Meta.of(t.dtype(), t.sizes());
    }

    private static double logAddExp(double a, double b) {
        if (Double.isNaN(a) || Double.isNaN(b)) return Double.NaN;
        double high = Math.max(a, b);
        return Double.isInfinite(high) ? high : high + Math.log1p(Math.exp(Math.min(a, b) - high));
    }

    private static void requireReal(Tensor self, Tensor out) {
        if (self.dtype().isComplex() || out.dtype().isComplex()) {
            throw new ScriptError("cumulative operators of complex tensors are not supported by this version of Cresset");
        }
    }

    private static void scan(Args a, Scan scan, Tensor out) {
        Tensor self = a.tensor(0);
        requireReal(self, out);
        Tensor t = Dims.forSum(a.context(), self, out.dtype());
        Lines lines = new Lines(t, a.int64(1));
        int n = lines.length();
        if (t.numel() == 0) return;
        boolean integers = out.dtype().isIntegral();
        Work.split(a.context().threads(), lines.count(), n, (from, to) -> {
            double[] reals = integers ? null : new double[n];
            long[] longs = integers ? new long[n] : null;
            for (long l = from; l < to; l++) {
                long at = lines.at(out, l);
                if (integers) {
                    Blocks.load(t, lines.at(t, l), lines.stride(t), longs, n);
                    scan.longs.accept(longs, n);
                    Blocks.store(longs, out, at, lines.stride(out), n);
                } else {
                    Blocks.load(t, lines.at(t, l), lines.stride(t), reals, n);
                    scan.reals.accept(reals, n);
                    Blocks.store(reals, out, at, lines.stride(out), n);
                }
            }
        });
    }

    private static Meta[] extremeShape(Args a) {
        Tensor t = a.tensor(0);
        return new Meta[] {Meta.of(t.dtype(), t.sizes()), Meta.of(ScalarType.INT64, t.sizes())};
    }

    /** The last of equal extremes wins; from the first NaN on everything is NaN. */
    private static void extremes(Args a, boolean largest, Tensor[] out) {
        Tensor t = a.tensor(0);
        Lines lines = new Lines(t, a.int64(1));
        int n = lines.length();
        if (t.numel() == 0) return;
        Order order = new Order(n);
        int[] best = new int[n];
        for (long l = 0; l < lines.count(); l++) {
            long at = lines.at(t, l);
            order.load(t, at, lines.stride(t), n, largest);
            for (int i = 1; i < n; i++) {
                int b = best[i - 1];
                boolean nan = order.isNaN(i);
                best[i] = nan || !order.isNaN(b) && order.key(i) <= order.key(b) ? i : b;
            }
            best[0] = 0;
            SortOps.pick(t, at, lines.stride(t), best, n, out[0], lines.at(out[0], l), lines.stride(out[0]));
            for (int i = 0; i < n; i++) Elements.setLong(out[1].data(), ScalarType.INT64, lines.at(out[1], l) + i * lines.stride(out[1]), best[i]);
        }
    }

    private static void declareTrapezoids(Catalog ops) {
        ops.op("aten::trapezoid.dx(Tensor y, *, Scalar dx=1, int dim=-1) -> Tensor").composite(a -> trapezoid(a, a.get(1), a.int64(2), false));
        ops.op("aten::trapezoid.x(Tensor y, Tensor x, *, int dim=-1) -> Tensor").composite(a -> trapezoid(a, a.get(1), a.int64(2), false));
        ops.op("aten::trapz.dx(Tensor y, *, float dx=1., int dim=-1) -> Tensor").composite(a -> trapezoid(a, a.get(1), a.int64(2), false));
        ops.op("aten::trapz.x(Tensor y, Tensor x, *, int dim=-1) -> Tensor").composite(a -> trapezoid(a, a.get(1), a.int64(2), false));
        ops.op("aten::cumulative_trapezoid.dx(Tensor y, *, Scalar dx=1, int dim=-1) -> Tensor")
            .composite(a -> trapezoid(a, a.get(1), a.int64(2), true));
        ops.op("aten::cumulative_trapezoid.x(Tensor y, Tensor x, *, int dim=-1) -> Tensor")
            .composite(a -> trapezoid(a, a.get(1), a.int64(2), true));
    }

    /** Σ dx · (y[i] + y[i + 1]) / 2, where the step is a number or the differences of a tensor. */
    private static Tensor trapezoid(Args a, Object step, long dim, boolean running) {
        Tensor y = a.tensor(0);
        long n = y.size((int) dim);
        var c = a.context();
        Tensor sum = c.tensor("aten::add.Tensor", Views.slice(y, dim, 1, n, 1), Views.slice(y, dim, 0, Math.max(0, n - 1), 1));
        Tensor area;
        if (step instanceof Tensor x) {
            int at = dev.cresset.tensor.Shapes.wrapDim(dim, y.dim());
            Tensor dx = c.tensor("aten::diff", x, 1L, x.dim() == 1 ? 0L : dim);
            if (x.dim() == 1) for (int d = at + 1; d < y.dim(); d++) dx = Views.unsqueeze(dx, dx.dim());
            area = c.tensor("aten::mul.Tensor", sum, dx);
        } else {
            area = c.tensor("aten::mul.Scalar", sum, step);
        }
        Tensor half = c.tensor("aten::div.Scalar", area, 2.0);
        return running ? c.tensor("aten::cumsum", half, dim) : c.tensor("aten::sum.dim_IntList", half, new long[] {dim});
    }
}
