package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;

/**
 * Stable order of a line's elements by sortable keys: integers that compare as the elements do, NaN above everything and
 * -0 equal to 0. Keys of 32 bits are sorted together with their index in one long, wider ones by merging.
 */
final class Order {
    private final long[] keys;
    private final double[] doubles;
    private long[] packed = new long[0];
    private boolean floating;
    /** Indices of the line's elements in order, after {@link #sort}. */
    final int[] indices;

    Order(int length) {
        keys = new long[length];
        doubles = new double[length];
        indices = new int[length];
    }

    /** Reads a line and makes its keys; descending order by keys that are turned around. */
    void load(Tensor t, long at, long stride, int n, boolean descending) {
        floating = t.dtype().isFloating();
        if (floating) {
            Blocks.load(t, at, stride, doubles, n);
            for (int i = 0; i < n; i++) keys[i] = t.dtype() == ScalarType.FLOAT64 ? key(doubles[i]) : key((float) doubles[i]);
        } else {
            Blocks.load(t, at, stride, keys, n);
        }
        if (descending) for (int i = 0; i < n; i++) keys[i] = ~keys[i];
    }

    private static long key(double v) {
        long bits = Double.doubleToLongBits(v + 0.0);
        return bits ^ bits >> 63 & Long.MAX_VALUE;
    }

    private static long key(float v) {
        int bits = Float.floatToIntBits(v + 0f);
        return bits ^ bits >> 31 & Integer.MAX_VALUE;
    }

    long key(int index) { return keys[index]; }

    /** True for a NaN of the loaded line. */
    boolean isNaN(int index) { return floating && doubles[index] != doubles[index]; }

    /** Puts the indices of the {@code first} smallest keys of n first, in order. */
    void sort(int n, int first) {
        if (!fitsInt(n)) {
            for (int i = 0; i < n; i++) indices[i] = i;
            merge(0, n, new int[n]);
            return;
        }
        if (packed.length < n) packed = new long[n];
        long[] p = packed;
        int count = first * 8L < n ? selected(n, first) : n;
        if (count == n) for (int i = 0; i < n; i++) p[i] = keys[i] << 32 | i;
        Arrays.sort(p, 0, count);
        for (int i = 0; i < count; i++) indices[i] = (int) p[i];
    }

    private boolean fitsInt(int n) {
        for (int i = 0; i < n; i++) if (keys[i] != (int) keys[i]) return false;
        return true;
    }

    /** Keeps the smallest of n keys in a heap with the largest of them on top. */
    private int selected(int n, int first) {
        if (first == 0) return 0;
        long[] heap = packed;
        for (int i = 0; i < first; i++) heap[i] = keys[i] << 32 | i;
        for (int i = first / 2 - 1; i >= 0; i--) sink(heap, i, first);
        for (int i = first; i < n; i++) {
            long p = keys[i] << 32 | i;
            if (p < heap[0]) {
                heap[0] = p;
                sink(heap, 0, first);
            }
        }
        return first;
    }

    private static void sink(long[] heap, int from, int n) {
        long v = heap[from];
        int at = from;
        for (int child = 2 * at + 1; child < n; child = 2 * at + 1) {
            if (child + 1 < n && heap[child + 1] > heap[child]) child++;
            if (heap[child] <= v) break;
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = v;
    }

    private void merge(int from, int to, int[] scratch) {
        if (to - from < 2) return;
        int middle = from + to >>> 1;
        merge(from, middle, scratch);
        merge(middle, to, scratch);
        System.arraycopy(indices, from, scratch, from, to - from);
        int a = from;
        int b = middle;
        for (int i = from; i < to; i++) {
            boolean left = b >= to || a < middle && keys[scratch[a]] <= keys[scratch[b]];
            indices[i] = left ? scratch[a++] : scratch[b++];
        }
    }
}
