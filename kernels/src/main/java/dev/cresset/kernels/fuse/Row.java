package dev.cresset.kernels.fuse;

import dev.cresset.tensor.Shapes;

/** Folding the last dimensions of a tensor, which together are its rows. */
final class Row {
    private Row() {}

    /**
     * How many dimensions stay if these are folded.
     *
     * @param dims null or empty for all
     * @throws CannotFuse if they are not the last ones (dimensions of size 1 do not count)
     */
    static int kept(long[] sizes, long... dims) {
        if (dims == null || dims.length == 0) return 0;
        boolean[] folded = new boolean[Math.max(1, sizes.length)];
        for (long d : dims) folded[Shapes.wrapDim(d, sizes.length)] = true;
        int kept = sizes.length;
        while (kept > 0 && (folded[kept - 1] || sizes[kept - 1] == 1)) kept--;
        for (int d = 0; d < kept; d++) {
            if (folded[d] && sizes[d] != 1) throw new CannotFuse("a reduction of other than the last dimensions");
        }
        return kept;
    }

    /** The number of elements in a row. */
    static long length(long[] sizes, int kept) {
        long n = 1;
        for (int d = kept; d < sizes.length; d++) n *= sizes[d];
        return n;
    }
}
