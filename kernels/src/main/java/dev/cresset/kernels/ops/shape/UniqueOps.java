package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** Distinct elements, or slices, with where each came from and how often. */
final class UniqueOps implements OpFamily {
    private static final String THREE = " -> (Tensor, Tensor, Tensor)";

    @Override public void declare(Catalog ops) {
        ops.op("aten::_unique2(Tensor self, bool sorted=True, bool return_inverse=False, bool return_counts=False)"
            + THREE)
            .composite(a -> elements(a, true, a.bool(2) || a.bool(3), a.bool(3)));
        ops.op("aten::_unique(Tensor self, bool sorted=True, bool return_inverse=False) -> (Tensor, Tensor)")
            .composite(a -> {
            Object[] all = elements(a, true, a.bool(2), false);
            return new Object[] {all[0], all[1]};
        });
        ops.op("aten::unique_dim(Tensor self, int dim, bool sorted=True, bool return_inverse=False, bool "
            + "return_counts=False)" + THREE)
            .composite(a -> slices(a, a.int64(1), true, true, true));
        ops.op("aten::unique_consecutive(Tensor self, bool return_inverse=False, bool return_counts=False, int? "
            + "dim=None)" + THREE)
            .composite(a ->
            a.isNone(3) ? elements(a, false, a.bool(1), a.bool(2))
                : slices(a, a.int64(3), false, a.bool(1), a.bool(2)));
        ops.op("aten::unique_dim_consecutive(Tensor self, int dim, bool return_inverse=False, bool "
            + "return_counts=False)" + THREE)
            .composite(a -> slices(a, a.int64(1), false, a.bool(2), a.bool(3)));
    }

    /** The distinct numbers in rising order, by sorting the numbers themselves. */
    private static Object[] integers(CallContext c, Tensor t, boolean inverse, boolean counts) {
        long[] values = IndexList.longs(t);
        long[] distinct = values.clone();
        Arrays.sort(distinct);
        long[] length = new long[distinct.length];
        int n = 0;
        for (int i = 0; i < distinct.length; i++) {
            if (i == 0 || distinct[i] != distinct[i - 1]) distinct[n++] = distinct[i];
            length[n - 1]++;
        }
        Tensor out = c.empty(t.dtype(), n);
        for (int i = 0; i < n; i++) Elements.setLong(out.data(), t.dtype(), i, distinct[i]);
        int count = n;
        long[] sorted = distinct;
        Tensor runs = inverse
            ? tensor(c, Arrays.stream(values).map(v -> Arrays.binarySearch(sorted, 0, count, v)).toArray(), t.sizes())
            : c.empty(ScalarType.INT64, 0);
        return new Object[] {out, runs, counts ? tensor(c, Arrays.copyOf(length, n), n) : c.empty(ScalarType.INT64, 0)};
    }

    /** Runs of equal items: the first of each run, the run of each item, the lengths. */
    private record Runs(long[] first, long[] runOf, long[] length) {
        /**
         * @param own    items that are equal to no other, though the order does not tell them apart: NaN
         * @param sorted true to find equal items anywhere, false for neighbours only
         */
        static Runs of(int n, Comparator<Integer> order, IntPredicate own, boolean sorted) {
            List<Integer> items = new ArrayList<>(IntStream.range(0, n).boxed().toList());
            if (sorted) items.sort(order);
            long[] first = new long[n];
            long[] runOf = new long[n];
            long[] length = new long[n];
            int run = -1;
            Integer previous = null;
            for (Integer item : items) {
                if (previous == null || own.test(item) || order.compare(previous, item) != 0) first[++run] = item;
                runOf[item] = run;
                length[run]++;
                previous = item;
            }
            return new Runs(Arrays.copyOf(first, run + 1), runOf, Arrays.copyOf(length, run + 1));
        }
    }

    private static Object[] elements(Args a, boolean sorted, boolean inverse, boolean counts) {
        CallContext c = a.context();
        Tensor t = a.tensor(0);
        if (c.isOnDevice()) return new DeviceUnique(c, sorted, inverse, counts).elements(t);
        if (sorted && t.dtype().isIntegral()) return integers(c, t, inverse, counts);
        Tensor flat = ViewOps.reshape(c, t, -1);
        Comparator<Integer> order;
        IntPredicate own = _ -> false;
        if (t.dtype().isIntegral()) {
            long[] v = IndexList.longs(flat);
            order = (x, y) -> Long.compare(v[x], v[y]);
        } else {
            double[] v = flat.toDoubleArray();
            order = (x, y) -> compare(v[x], v[y]);
            own = i -> Double.isNaN(v[i]);
        }
        Runs runs = Runs.of(Math.toIntExact(flat.numel()), order, own, sorted);
        Tensor out = c.empty(t.dtype(), runs.first.length);
        MappedCopy.run(flat, out, new long[][] {runs.first});
        return new Object[] {out, inverse ? tensor(c, runs.runOf, t.sizes()) : c.empty(ScalarType.INT64, 0),
            counts ? tensor(c, runs.length, runs.length.length) : c.empty(ScalarType.INT64, 0)};
    }

    /** Zeros of both signs are equal; NaN is behind all numbers. */
    private static int compare(double x, double y) { return x == y ? 0 : Double.compare(x, y); }

    private static Object[] slices(Args a, long dim, boolean sorted, boolean inverse, boolean counts) {
        CallContext c = a.context();
        Tensor t = a.tensor(0);
        if (c.isOnDevice()) return new DeviceUnique(c, sorted, inverse, counts).slices(t, dim);
        int d = Shapes.wrapDim(dim, t.dim());
        int n = Math.toIntExact(t.sizes()[d]);
        double[][] rows = new double[n][];
        for (int i = 0; i < n; i++) rows[i] = Views.select(t, d, i).toDoubleArray();
        Runs runs = Runs.of(n, (x, y) -> compare(rows[x], rows[y]), i -> Arrays.stream(rows[i])
            .anyMatch(Double::isNaN), sorted);
        long[] sizes = t.sizes().clone();
        sizes[d] = runs.first.length;
        Tensor out = c.empty(t.dtype(), sizes);
        long[][] maps = new long[t.dim()][];
        maps[d] = runs.first;
        MappedCopy.run(t, out, maps);
        return new Object[] {out, inverse ? tensor(c, runs.runOf, n) : c.empty(ScalarType.INT64, 0),
            counts ? tensor(c, runs.length, runs.length.length) : c.empty(ScalarType.INT64, 0)};
    }

    private static int compare(double[] x, double[] y) {
        for (int i = 0; i < x.length; i++) {
            int order = compare(x[i], y[i]);
            if (order != 0) return order;
        }
        return 0;
    }

    private static Tensor tensor(CallContext c, long[] values, long... sizes) {
        Tensor out = c.empty(ScalarType.INT64, sizes);
        java.lang.foreign.MemorySegment.copy(values, 0, out.data(), java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED,
            out.byteOffset(), values.length);
        return out;
    }
}
