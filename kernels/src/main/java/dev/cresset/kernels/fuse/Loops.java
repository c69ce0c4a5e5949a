package dev.cresset.kernels.fuse;

import java.util.ArrayList;
import java.util.List;

/**
 * The loops of a lowering.
 *
 * @param whole  their sizes
 * @param hasRow true if the last one is a row, whose elements may be folded
 * @param cuts   in how many pieces each loop is cut; only the first piece is a loop, the others are written by results of
 *               their own beside it
 */
record Loops(long[] whole, boolean hasRow, long[] cuts) {
    Loops(long[] whole, boolean hasRow) { this(whole, hasRow, ones(whole.length)); }

    private static long[] ones(int n) {
        long[] out = new long[n];
        java.util.Arrays.fill(out, 1);
        return out;
    }

    /** The sizes of the loops that are run. */
    long[] cut() {
        long[] out = whole.clone();
        for (int d = 0; d < out.length; d++) out[d] /= cuts[d];
        return out;
    }

    /** The loops as asked for. @throws CannotFuse if a row or a loop that is cut would have to be taken apart */
    Loops with(OtherLoops o) {
        if (hasRow && o.dim == whole.length - 1) throw new CannotFuse("rows that do not lie evenly in every operand");
        if (cuts[o.dim] != 1) throw new CannotFuse("different iteration domain");
        long outer = whole[o.dim] / o.inner;
        if (!o.isCut) return new Loops(replaced(whole, o.dim, outer, o.inner), hasRow, replaced(cuts, o.dim, 1, 1));
        long[] more = cuts.clone();
        more[o.dim] = outer;
        return new Loops(whole, hasRow, more);
    }

    private static long[] replaced(long[] v, int at, long first, long second) {
        long[] out = new long[v.length + 1];
        System.arraycopy(v, 0, out, 0, at);
        out[at] = first;
        out[at + 1] = second;
        System.arraycopy(v, at + 1, out, at + 2, v.length - at - 1);
        return out;
    }

    /** For a map over the whole loops, one for each piece. */
    List<IndexMap> pieces(IndexMap map) {
        List<IndexMap> out = List.of(map);
        for (int d = 0; d < cuts.length; d++) {
            List<IndexMap> next = new ArrayList<>();
            for (IndexMap m : out) for (long i = 0; i < cuts[d]; i++) next.add(m.shifted(i * (whole[d] / cuts[d]) * m.strides()[d]));
            out = next;
        }
        return out;
    }
}
