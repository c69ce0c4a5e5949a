package dev.cresset.kernels.cuda.code;

import dev.cresset.kernels.nest.Loops;
import dev.cresset.kernels.nest.Structure;
import java.util.stream.IntStream;

/**
 * Which of the kernels for a structure.
 *
 * @param dims   how many dimensions it has
 * @param open   it takes loops of fewer dimensions too
 * @param vector elements of a row that one thread moves at once; 1 takes any strides, more needs what {@link #vector} says
 * @param wide   it counts in 64 bits; else elements and positions are below 2^31
 */
public record Variant(int dims, boolean open, int vector, boolean wide) {
    /** Dimensions of the kernels that serve all ranks; after merging hardly any tensor has more. */
    public static final int MAX_DIMS = 6;

    private static final int ACCESS_BYTES = 16, MOST_AT_ONCE = 8;

    /** Takes loops of up to {@link #MAX_DIMS} dimensions, with any strides. */
    public static Variant strided(boolean wide) { return new Variant(MAX_DIMS, true, 1, wide); }

    /** Takes elements one after the other, in operands that are aligned to 16 bytes. */
    public static Variant contiguous(Structure s, boolean wide) { return new Variant(1, false, widest(s), wide); }

    /** The best one for these loops. @param aligned whether all operands' first elements lie at multiples of 16 bytes */
    static Variant of(Structure s, Loops loops, boolean aligned) {
        return new Variant(loops.rank(), false, aligned ? vector(s, loops) : 1, !fitsNarrow(loops));
    }

    /** Elements so that the widest operand is moved in accesses of 16 bytes. */
    static int widest(Structure s) {
        IntStream written = s.outputs().stream().filter(o -> !o.perRow()).mapToInt(o -> o.type().byteSize());
        int bytes = IntStream.concat(s.inputBytes(), written).max().orElse(1);
        return Math.min(ACCESS_BYTES / bytes, MOST_AT_ONCE);
    }

    /** {@link #widest} if all rows are dense, of a length it divides, and begin at aligned places; else 1. A single row may have a rest. */
    private static int vector(Structure s, Loops loops) {
        int v = widest(s);
        boolean folds = !s.folds().isEmpty();
        if ((folds || loops.rank() > 1) && loops.rowLength() % v != 0) return 1;
        for (int k = 0; k < loops.offsets().length; k++) {
            boolean once = k < s.inputs() ? !s.isUnit().get(k) : s.outputs().get(k - s.inputs()).perRow();
            if (once) continue;
            if (loops.innerStride(k) != 1) return 1;
            for (int d = 0; d < loops.rank() - 1; d++) if (loops.strides()[k][d] % v != 0) return 1;
        }
        return v;
    }

    /** Whether numbers of elements and positions are below 2^31. */
    public static boolean fitsNarrow(Loops loops) {
        double elements = (double) loops.rows() * loops.rowLength();
        if (elements >= Integer.MAX_VALUE) return false;
        for (long[] strides : loops.strides()) {
            double last = 0;
            for (int d = 0; d < strides.length; d++) last += (double) Math.abs(strides[d]) * Math.max(0, loops.sizes()[d] - 1);
            if (last >= Integer.MAX_VALUE) return false;
        }
        return true;
    }
}
