package dev.cresset.kernels.ops.nn;

import java.util.Arrays;

/** Reads an image at a point between its elements. Aimed at one point at a time; not shared between threads. */
final class GridSampler {
    private static final int LINEAR = 0, NEAREST = 1;
    private static final int ZEROS = 0, BORDER = 1;

    private final long[] sizes;     // of the image, with batch and channels
    private final int mode;
    private final int padding;
    private final boolean align;
    private final boolean wide;
    private final int rank;
    private final int[][] at;       // for each dimension the positions that count, -1 outside
    private final double[][] weight;

    /** @param wide computes positions in double precision */
    GridSampler(long[] sizes, int mode, int padding, boolean align, boolean wide) {
        this.sizes = sizes;
        this.mode = mode;
        this.padding = padding;
        this.align = align;
        this.wide = wide;
        this.rank = sizes.length - 2;
        int taps = mode == NEAREST ? 1 : mode == LINEAR ? 2 : 4;
        this.at = new int[rank][taps];
        this.weight = new double[rank][taps];
    }

    GridSampler copy() { return new GridSampler(sizes, mode, padding, align, wide); }

    /** @param grid coordinates x, y (, z) in [-1, 1] from this place on */
    void aim(double[] grid, int from) {
        for (int d = 0; d < rank; d++) {
            long n = sizes[d + 2];
            double g = grid[from + rank - 1 - d];
            double x = wide ? place(g, n) : place((float) g, n);
            if (mode == LINEAR || mode == NEAREST) x = padded(x, n);
            if (mode == NEAREST) {
                at[d][0] = inside(Math.rint(x), n);
                weight[d][0] = 1;
            } else {
                double low = Math.floor(x);
                double[] w = mode == LINEAR ? new double[] {1 - (x - low), x - low} : Taps.cubicWeights(x - low);
                for (int k = 0; k < w.length; k++) {
                    double place = mode == LINEAR ? low + k : padded(low - 1 + k, n);
                    at[d][k] = inside(place, n);
                    weight[d][k] = w[k];
                }
            }
        }
    }

    private double place(double g, long n) { return align ? (g + 1) / 2 * (n - 1) : ((g + 1) * n - 1) / 2; }

    /** In the steps of PyTorch's vectors, whose rounding decides at the middle between two elements. */
    private double place(float g, long n) {
        if (rank == 3) return align ? (g + 1) / 2 * (n - 1) : ((g + 1) * n - 1) / 2;
        return align ? (g + 1) * ((n - 1) / 2f) : (g + 1) * (n / 2f) - 0.5f;
    }

    private static int inside(double x, long n) { return x >= 0 && x < n ? (int) x : -1; }

    private double padded(double x, long n) {
        if (padding == ZEROS) return x;
        double y = padding == BORDER ? x : align ? reflected(x, 0, 2 * (n - 1)) : reflected(x, -1, 2 * n - 1);
        return Double.isNaN(y) ? 0 : Math.clamp(y, 0.0, (double) (n - 1));
    }

    /** Folded into a range whose ends are given twice as large. */
    private static double reflected(double x, long twiceLow, long twiceHigh) {
        if (twiceLow == twiceHigh) return 0;
        double low = twiceLow / 2.0, span = (twiceHigh - twiceLow) / 2.0;
        double away = Math.abs(x - low), flips = Math.floor(away / span), rest = away - flips * span;
        return flips % 2 == 0 ? rest + low : span - rest + low;
    }

    /** @param base where the image of one channel begins */
    double value(double[] in, int base) { return value(in, 0, base, 0, 1); }

    private double value(double[] in, int d, int base, int position, double factor) {
        if (d == rank) return factor * in[base + position];
        double sum = 0;
        for (int k = 0; k < at[d].length; k++) {
            if (at[d][k] >= 0) sum += value(in, d + 1, base, position * (int) sizes[d + 2] + at[d][k], factor * weight[d][k]);
        }
        return sum;
    }

    @Override public String toString() { return "sampler of " + Arrays.toString(sizes); }
}
