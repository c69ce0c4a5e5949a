package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/** Counting elements and finding their place in sorted ones. */
final class SearchOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        ops.op("aten::bincount(Tensor self, Tensor? weights=None, int minlength=0) -> Tensor")
            .composite(SearchOps::bincount);
        ops.op("aten::histc(Tensor self, int bins=100, Scalar min=0, Scalar max=0) -> Tensor")
            .kernel(a -> Meta.of(a.tensor(0).dtype(), a.int64(1)), SearchOps::histogram)
            .cuda((a, out) -> SearchOnDevice.histogram(a.context(), a.tensor(0), a.int32(1), a.float64(2), a.float64(3), out));
        declareSearches(ops);
        ops.op("aten::isin.Tensor_Tensor(Tensor elements, Tensor test_elements, *, bool assume_unique=False, bool "
            + "invert=False) -> Tensor")
            .kernel(a -> Meta.of(ScalarType.BOOL, a.tensor(0).sizes()), SearchOps::isIn)
            .cuda((a, out) -> Elementwise.copy(a.context(), SearchOnDevice.isIn(a.context(), a.tensor(0), a.tensor(1), a.bool(3)), out));
        ops.op("aten::isin.Tensor_Scalar(Tensor elements, Scalar test_element, *, bool assume_unique=False, bool "
            + "invert=False) -> Tensor")
            .composite(a -> a.context().call(a.bool(3) ? "aten::ne.Scalar" : "aten::eq.Scalar", a.get(0), a.get(1)));
        ops.op("aten::isin.Scalar_Tensor(Scalar element, Tensor test_elements, *, bool assume_unique=False, bool "
            + "invert=False) -> Tensor")
            .composite(a -> {
            Tensor found = a.context().tensor("aten::any", a.context().tensor("aten::eq.Scalar", a.get(1), a.get(0)));
            return a.bool(3) ? a.context().tensor("aten::logical_not", found) : found;
        });
    }

    private static void declareSearches(Catalog ops) {
        String tail = ", bool out_int32=False, bool right=False";
        ops.op("aten::searchsorted.Tensor(Tensor sorted_sequence, Tensor self, *" + tail
            + ", str? side=None, Tensor? sorter=None) -> Tensor")
            .composite(a -> search(a.context(), a.tensor(0), a.tensor(1), a.bool(2), right(a), a.tensorOrNull(5)));
        ops.op("aten::searchsorted.Scalar(Tensor sorted_sequence, Scalar self, *" + tail
            + ", str? side=None, Tensor? sorter=None) -> Tensor")
            .composite(a -> search(a.context(), a.tensor(0), number(a, 1), a.bool(2), right(a), a.tensorOrNull(5)));
        ops.op("aten::bucketize.Tensor(Tensor self, Tensor boundaries, *" + tail + ") -> Tensor")
            .composite(a -> bucketize(a, a.tensor(0)));
        ops.op("aten::bucketize.Scalar(Scalar self, Tensor boundaries, *" + tail + ") -> Tensor")
            .composite(a -> bucketize(a, number(a, 0)));
    }

    private static Tensor number(Args a, int i) {
        Object scalar = a.get(i);
        return Fill.scalar(a.context(), scalar instanceof Double ? ScalarType.FLOAT64 : CreationOps.numberType(scalar), scalar);
    }

    private static Object bincount(Args a) {
        Tensor t = a.tensor(0);
        long least = a.int64(2);
        if (least < 0) throw new ScriptError("minlength should be >= 0");
        if (t.dim() != 1 || !t.dtype().isIntegral()) {
            throw new ScriptError("bincount only supports 1-d non-negative integral inputs.");
        }
        Tensor weights = a.tensorOrNull(1);
        if (weights != null && (weights.dim() != 1 || weights.numel() != t.numel())) {
            throw new ScriptError("weights should be 1-d and have the same length as input");
        }
        ScalarType type = weights == null
            || t.numel() == 0 ? ScalarType.INT64 : weights.dtype() == ScalarType.FLOAT32 ? ScalarType.FLOAT32
                : ScalarType.FLOAT64;
        if (a.context().isOnDevice()) return SearchOnDevice.bincount(a.context(), t, weights, least, type);
        long[] bins = IndexList.longs(t);
        for (long b : bins) {
            if (b < 0) throw new ScriptError("bincount only supports 1-d non-negative integral inputs.");
        }
        long n = Math.max(least, Arrays.stream(bins).map(b -> b + 1).max().orElse(0));
        double[] counts = new double[Math.toIntExact(n)];
        double[] by = weights == null ? null : weights.toDoubleArray();
        for (int i = 0; i < bins.length; i++) counts[(int) bins[i]] += by == null ? 1 : by[i];
        Tensor out = a.context().empty(type, n);
        for (int i = 0; i < n; i++) Elements.setDouble(out.data(), type, i, counts[i]);
        return out;
    }

    private static void histogram(Args a, Tensor out) {
        double[] values = a.tensor(0).toDoubleArray();
        int bins = a.int32(1);
        double low = a.float64(2);
        double high = a.float64(3);
        double[] range = {low, high};
        if (low == high && values.length > 0) {
            range = new double[] {Arrays.stream(values).min().getAsDouble(), Arrays.stream(values).max().getAsDouble()};
        }
        checkRange(range, bins);
        low = range[0];
        high = range[1];
        double[] counts = new double[bins];
        for (double v : values) {
            if (v >= low && v <= high) counts[Math.min(bins - 1, (int) ((v - low) / (high - low) * bins))]++;
        }
        for (int i = 0; i < bins; i++) Elements.setDouble(out.data(), out.dtype(), i, counts[i]);
    }

    /** Widens an empty range by 1 to both sides. */
    static void checkRange(double[] range, int bins) {
        if (bins <= 0) throw new ScriptError("torch.histc(): bins must be > 0");
        if (range[0] == range[1]) {
            range[0] -= 1;
            range[1] += 1;
        }
        if (!Double.isFinite(range[0]) || !Double.isFinite(range[1])) {
            throw new ScriptError("torch.histc(): range of [" + range[0] + ", " + range[1] + "] is not finite");
        }
        if (range[0] > range[1]) throw new ScriptError("torch.histc(): max must be larger than min");
    }

    private static boolean right(Args a) {
        if (a.isNone(4)) return a.bool(3);
        if (!a.str(4).equals("left") && !a.str(4).equals("right")) {
            throw new ScriptError("torch.searchsorted(): side can only be 'left' or 'right' but got " + a.str(4));
        }
        if (a.str(4).equals("left") && a.bool(3)) {
            throw new ScriptError("torch.searchsorted(): side and right can't be set to opposites, got side of "
                + "left while right was True");
        }
        return a.str(4).equals("right");
    }

    private static Object bucketize(Args a, Tensor values) {
        if (a.tensor(1).dim() != 1) {
            throw new ScriptError("boundaries tensor must be 1 dimension, but got dim(" + a.tensor(1).dim() + ")");
        }
        return search(a.context(), a.tensor(1), values, a.bool(2), a.bool(3), null);
    }

    /**
     * For each value its place in the sorted last dimension: before equal elements, or behind them if {@code right}.
     */
    private static Tensor search(CallContext c, Tensor sorted, Tensor values, boolean narrow, boolean right,
        Tensor sorter) {
        boolean shared = sorted.dim() == 1;
        if (!shared && (sorted.dim() != values.dim() || !Arrays.equals(Views.without(sorted.sizes(), sorted.dim() - 1),
            Views.without(values.sizes(), values.dim() - 1)))) {
            throw new ScriptError("torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 "
                + "dimensions of boundaries "
                + "tensor and input value tensor must match, but we got boundaries tensor "
                + Arrays.toString(sorted.sizes())
                + " and input value tensor " + Arrays.toString(values.sizes()));
        }
        Tensor in = sorter == null ? sorted : c.tensor("aten::gather", sorted, -1L, sorter);
        Tensor out = c.empty(narrow ? ScalarType.INT32 : ScalarType.INT64, values.sizes());
        if (c.isOnDevice()) {
            SearchOnDevice.places(c, in, values, right, out);
            return out;
        }
        double[] keys = in.toDoubleArray();
        double[] wanted = values.toDoubleArray();
        int width = Math.toIntExact(sorted.sizes()[sorted.dim() - 1]);
        int perRow = shared ? Math.max(1, wanted.length)
            : Math.max(1, Math.toIntExact(values.sizes()[values.dim() - 1]));
        for (int i = 0; i < wanted.length; i++) {
            int base = shared ? 0 : i / perRow * width;
            Elements.setLong(out.data(), out.dtype(), i, place(keys, base, width, wanted[i], right));
        }
        return out;
    }

    private static long place(double[] keys, int base, int n, double value, boolean right) {
        int low = 0;
        int high = n;
        while (low < high) {
            int middle = low + high >>> 1;
            double k = keys[base + middle];
            boolean goRight = right ? !(k > value) : !(k >= value);
            if (goRight) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private static void isIn(Args a, Tensor out) {
        Set<Double> known = new HashSet<>();
        for (double d : a.tensor(1).toDoubleArray()) if (!Double.isNaN(d)) known.add(d + 0.0);   // -0.0 + 0.0 is 0.0
        double[] values = a.tensor(0).toDoubleArray();
        for (int i = 0; i < values.length; i++) {
            Elements.setLong(out.data(), ScalarType.BOOL, i, known.contains(values[i] + 0.0) != a.bool(3) ? 1 : 0);
        }
    }
}
