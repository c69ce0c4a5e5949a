package dev.cresset.kernels.fuse;

import java.util.Arrays;

/**
 * Which element of a tensor belongs to each coordinate c of a loop nest: number {@code offset + c·strides} of its elements
 * counted row-major, wherever they may lie in memory.
 *
 * @param strides one for each loop; not changed by anybody
 */
record IndexMap(long offset, long[] strides) {
    /** True if the loops visit each of {@code elements} elements exactly once. */
    boolean isBijection(long[] loops, long elements) {
        if (offset != 0) return false;
        Integer[] order = new Integer[loops.length];
        int n = 0;
        for (int d = 0; d < loops.length; d++) if (loops[d] != 1) order[n++] = d;
        Arrays.sort(order, 0, n, (a, b) -> Long.compare(strides[a], strides[b]));
        long expected = 1;
        for (int i = 0; i < n; i++) {
            if (strides[order[i]] != expected) return false;
            expected *= loops[order[i]];
        }
        return expected == elements;
    }

    IndexMap shifted(long by) { return by == 0 ? this : new IndexMap(offset + by, strides); }

    @Override public boolean equals(Object o) {
        return o instanceof IndexMap m && m.offset == offset && Arrays.equals(m.strides, strides);
    }

    @Override public int hashCode() { return Long.hashCode(offset) * 31 + Arrays.hashCode(strides); }

    @Override public String toString() { return offset + Arrays.toString(strides); }
}
