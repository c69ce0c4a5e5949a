package dev.cresset.kernels.expr;

import dev.cresset.kernels.cpu.math.FloatVectors;
import java.util.Arrays;

/** A thread's arrays for running tile programs, kept for reuse, and where in the walk the current tile is. */
final class Registers {
    /** Elements of a tile: the arrays of a program of some steps stay in the first-level cache. */
    static final int TILE = 1024;
    private static final ThreadLocal<Registers> OF_THREAD = ThreadLocal.withInitial(Registers::new);

    static {
        if (TILE % FloatVectors.LANES != 0) throw new AssertionError("vector loops run up to a multiple of the lanes");
    }

    float[][] f = new float[0][];
    double[][] d = new double[0][];
    long[][] l = new long[0][];
    /** Bools, as 0 and 1. */
    int[][] b = new int[0][];
    final byte[] bytes = new byte[TILE];
    final short[] shorts = new short[TILE];
    final int[] ints = new int[TILE];

    Walk walk;
    /** Position of the tile's first element in the walk. */
    long start;
    /** Values of the expressions that are the same for all elements. */
    double[] numbers;
    long[] integers;

    private Registers() {}

    static Registers ofThread() { return OF_THREAD.get(); }

    /** Makes sure that there are this many registers of each kind. */
    void provide(int floats, int doubles, int longs, int bools) {
        while (f.length < floats) (f = Arrays.copyOf(f, f.length + 1))[f.length - 1] = new float[TILE];
        while (d.length < doubles) (d = Arrays.copyOf(d, d.length + 1))[d.length - 1] = new double[TILE];
        while (l.length < longs) (l = Arrays.copyOf(l, l.length + 1))[l.length - 1] = new long[TILE];
        while (b.length < bools) (b = Arrays.copyOf(b, b.length + 1))[b.length - 1] = new int[TILE];
    }
}
