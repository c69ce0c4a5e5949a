package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Locale;

/** Elements by their rank in a line: medians, the k-th smallest, the most frequent, quantiles. */
final class RankOps implements OpFamily {
    private static final String TWO = ") -> (Tensor values, Tensor indices)";
    private static final String OUT = ", *, Tensor(a!) values, Tensor(b!) indices) -> (Tensor(a!) values, Tensor(b!) indices)";

    /** The place in a sorted line (whose last {@code nans} elements are NaN) to take. */
    private interface Rank { int of(Order order, int n, int nans); }

    @Override public void declare(Catalog ops) {
        for (boolean skip : new boolean[] {false, true}) {
            String name = skip ? "nanmedian" : "median";
            Rank rank = (_, n, nans) -> nans == n || nans > 0 && !skip ? n - nans : (n - nans - 1) / 2;
            ops.op("aten::" + name + "(Tensor self) -> Tensor").composite(a -> medianOfAll(a, rank, skip));
            String dim = "(Tensor self, int dim, bool keepdim=False";
            ops.op("aten::" + name + ".dim" + dim + TWO).kernels(a -> shape(a, 1, name), (a, out) -> pick(a, 1, rank, out))
                .cudas((a, out) -> RankOnDevice.median(a.context(), a.tensor(0), a.int64(1), skip, out))
                .alsoAs("aten::" + name + ".dim_values" + dim + OUT);
        }
        String kth = "(Tensor self, int k, int dim=-1, bool keepdim=False";
        ops.op("aten::kthvalue" + kth + TWO).kernels(a -> shape(a, 2, "kthvalue"), (a, out) -> pick(a, 2, (_, n, _) -> kth(a, n), out))
            .cudas((a, out) -> RankOnDevice.kth(a.context(), a.tensor(0), a.int64(2), kth(a, new Lines(a.tensor(0), a.int64(2)).length()), out))
            .alsoAs("aten::kthvalue.values" + kth + OUT);
        String mode = "(Tensor self, int dim=-1, bool keepdim=False";
        ops.op("aten::mode" + mode + TWO).kernels(a -> shape(a, 1, "mode"), (a, out) -> pick(a, 1, (o, n, _) -> mode(o, n), out))
            .cudas((a, out) -> RankOnDevice.mode(a.context(), a.tensor(0), a.int64(1), out))
            .alsoAs("aten::mode.values" + mode + OUT);
        declareQuantiles(ops, "quantile", false);
        declareQuantiles(ops, "nanquantile", true);
    }

    private static int kth(Args a, int n) {
        long k = a.int64(1);
        if (k < 1 || k > n) throw new ScriptError("kthvalue(): selected number k out of range for dimension " + a.int64(2));
        return (int) k - 1;
    }

    /** The last place of the first longest run of equal elements, which NaNs are not. */
    private static int mode(Order order, int n) {
        int best = 0;
        int longest = 0;
        for (int i = 0, start = 0; i < n; i++) {
            if (order.key(order.indices[i]) != order.key(order.indices[start]) || order.isNaN(order.indices[i])) start = i;
            if (i - start + 1 > longest) {
                longest = i - start + 1;
                best = i;
            }
        }
        return best;
    }

    private static Meta[] shape(Args a, int dim, String name) {
        Tensor t = a.tensor(0);
        boolean[] mask = Dims.mask(t.dim(), new long[] {a.int64(dim)});
        Dims.requireElements(t, mask, name);
        return new Meta[] {Dims.meta(t.dtype(), t, mask, a.bool(dim + 1)), Dims.meta(ScalarType.INT64, t, mask, a.bool(dim + 1))};
    }

    private static void pick(Args a, int dim, Rank rank, Tensor[] out) {
        Tensor t = a.tensor(0);
        Lines lines = new Lines(t, a.int64(dim));
        int n = lines.length();
        if (out[0].numel() == 0) return;
        Work.split(a.context().threads(), lines.count(), 16L * n, (from, to) -> {
            Order order = new Order(n);
            int[] one = new int[1];
            for (long l = from; l < to; l++) {
                long at = lines.at(t, l);
                one[0] = ranked(order, t, at, lines.stride(t), n, rank);
                SortOps.pick(t, at, lines.stride(t), one, 1, out[0], out[0].offset() + l, 1);
                Elements.setLong(out[1].data(), ScalarType.INT64, out[1].offset() + l, one[0]);
            }
        });
    }

    private static int ranked(Order order, Tensor t, long at, long stride, int n, Rank rank) {
        order.load(t, at, stride, n, false);
        order.sort(n, n);
        int nans = 0;
        while (nans < n && order.isNaN(order.indices[n - 1 - nans])) nans++;
        return order.indices[rank.of(order, n, nans)];
    }

    private static Object medianOfAll(Args a, Rank rank, boolean skip) {
        Tensor t = Dims.contiguous(a.context(), a.tensor(0));
        Tensor out = a.context().empty(t.dtype());
        int n = Math.toIntExact(t.numel());
        if (n == 0) {
            if (!t.dtype().isFloating()) throw new ScriptError("median of an empty tensor of type " + t.dtype().printName() + " is not defined");
            Elementwise.fill(a.context(), out, Double.NaN);
            return out;
        }
        if (a.context().isOnDevice()) {
            RankOnDevice.median(a.context(), Views.view(t, -1), 0, skip, new Tensor[] {out, a.context().empty(ScalarType.INT64)});
            return out;
        }
        int index = ranked(new Order(n), t, t.offset(), 1, n, rank);
        SortOps.pick(t, t.offset(), 1, new int[] {index}, 1, out, out.offset(), 1);
        return out;
    }

    private static void declareQuantiles(Catalog ops, String name, boolean skip) {
        String tail = "int? dim=None, bool keepdim=False, *, str interpolation=\"linear\") -> Tensor";
        ops.op("aten::" + name + "(Tensor self, Tensor q, " + tail).composite(a -> quantile(a, a.tensor(1).toDoubleArray(), a.tensor(1).dim() == 0, skip));
        ops.op("aten::" + name + ".scalar(Tensor self, float q, " + tail).composite(a -> quantile(a, new double[] {a.float64(1)}, true, skip));
    }

    /** One result for each q in a first dimension, which a single q does not make. */
    private static Object quantile(Args a, double[] q, boolean single, boolean skip) {
        Tensor self = a.tensor(0);
        if (self.dtype() != ScalarType.FLOAT32 && self.dtype() != ScalarType.FLOAT64) {
            throw new ScriptError("quantile() input tensor must be either float or double dtype");
        }
        if (self.numel() == 0) throw new ScriptError("quantile() input tensor must be non-empty");
        for (double x : q) if (!(x >= 0 && x <= 1)) throw new ScriptError("quantile() q values must be in the range [0, 1]");
        Tensor t = a.isNone(2) ? Views.view(Dims.contiguous(a.context(), self), -1) : self;
        long dim = a.isNone(2) ? 0 : a.int64(2);
        long[] sizes = Dims.sizes(self, Dims.one(a, 2), a.bool(3));
        Tensor out = a.context().empty(self.dtype(), single ? sizes : Views.with(sizes, 0, q.length));
        if (a.context().isOnDevice()) {
            RankOnDevice.quantile(a.context(), t, dim, q, skip, Interpolation.of(a.str(4)), out);
            return out;
        }
        Lines lines = new Lines(t, dim);
        int n = lines.length();
        Interpolation interpolation = Interpolation.of(a.str(4));
        Order order = new Order(n);
        double[] v = new double[n];
        for (long l = 0; l < lines.count(); l++) {
            order.load(t, lines.at(t, l), lines.stride(t), n, false);
            order.sort(n, n);
            Blocks.load(t, lines.at(t, l), lines.stride(t), v, n);
            int nans = 0;
            while (nans < n && order.isNaN(order.indices[n - 1 - nans])) nans++;
            for (int i = 0; i < q.length; i++) {
                double value = nans == n || nans > 0 && !skip ? Double.NaN : between(v, order.indices, rank(self.dtype(), q[i], n - nans - 1), interpolation);
                Elements.setDouble(out.data(), out.dtype(), out.offset() + i * lines.count() + l, value);
            }
        }
        return out;
    }

    /** What stands for a place between two elements. */
    enum Interpolation {
        LINEAR, LOWER, HIGHER, MIDPOINT, NEAREST;

        static Interpolation of(String name) {
            for (Interpolation i : values()) if (name.equals(i.name().toLowerCase(Locale.ROOT))) return i;
            throw new ScriptError("quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got " + name);
        }
    }

    /** A share of the way to the last place, which PyTorch computes in the elements' type. */
    private static double rank(ScalarType type, double share, int last) {
        return type == ScalarType.FLOAT32 ? (float) share * (float) last : share * last;
    }

    private static double between(double[] v, int[] order, double rank, Interpolation interpolation) {
        double low = v[order[(int) Math.floor(rank)]];
        double high = v[order[(int) Math.ceil(rank)]];
        return switch (interpolation) {
            case LINEAR -> low == high ? low : low + (rank - Math.floor(rank)) * (high - low);
            case LOWER -> low;
            case HIGHER -> high;
            case MIDPOINT -> low == high ? low : (low + high) / 2;
            case NEAREST -> v[order[(int) Math.rint(rank)]];
        };
    }
}
