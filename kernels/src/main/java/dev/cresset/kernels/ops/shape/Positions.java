package dev.cresset.kernels.ops.shape;

import dev.cresset.kernels.cuda.code.LayoutKernels.Map;

/**
 * Which position of a dimension of the input each position of the result has: what padding, rolling and flipping are made of.
 *
 * @param kind   how positions outside become positions inside; not CONSTANT, which copies nothing there
 * @param before positions of the result before the input's first one
 */
record Positions(Map kind, long before) {
    static final Positions SAME = new Positions(Map.SAME, 0), FLIPPED = new Positions(Map.FLIP, 0);

    /** The same for every dimension. */
    static Positions[] same(int dims) {
        Positions[] out = new Positions[dims];
        java.util.Arrays.fill(out, SAME);
        return out;
    }

    /** The input's position of each of {@code length} positions; null if they are the same. @param n positions of the input */
    long[] map(long length, long n) {
        return kind == Map.SAME ? null : MappedCopy.map(length, i -> position(i - before, n));
    }

    private long position(long i, long n) {
        return switch (kind) {
            case SAME -> i;
            case REPLICATE -> Math.clamp(i, 0, n - 1);
            case CIRCULAR -> Math.floorMod(i, n);
            case REFLECT -> i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i;
            case FLIP -> n - 1 - i;
            case CONSTANT -> throw new IllegalArgumentException("constant padding copies nothing");
        };
    }
}
