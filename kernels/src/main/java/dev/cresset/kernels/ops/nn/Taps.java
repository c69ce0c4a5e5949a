package dev.cresset.kernels.ops.nn;

/**
 * How one dimension is resampled: result position o is the sum of {@code weight[o][k]} times the source at
 * {@code at[o][k]}.
 */
record Taps(int[][] at, double[][] weight) {
    int size() { return at.length; }

    /** True if all positions are copied as they are. */
    boolean isIdentity(long size) {
        if (at.length != size) return false;
        for (int o = 0; o < at.length; o++) if (at[o].length != 1 || at[o][0] != o) return false;
        return true;
    }

    /** Source size / result size, or the reciprocal of the factor that was asked for, where one was. */
    private static float scale(long in, long out, double factor) { return factor > 0 ? (float) (1 / factor) : (float) in / out; }

    /** @param factor the scale factor that was asked for, or 0; {@code exact}: the middle of a result element decides */
    static Taps nearest(long in, long out, double factor, boolean exact) {
        float scale = scale(in, out, factor);
        int[][] at = new int[(int) out][1];
        double[][] weight = new double[(int) out][];
        for (int o = 0; o < out; o++) {
            float x = exact ? (o + 0.5f) * scale : o * scale;
            at[o][0] = (int) Math.min((long) Math.floor(x), in - 1);
            if (!exact && out == in) at[o][0] = o;
            if (!exact && out == 2 * in) at[o][0] = o / 2;
            weight[o] = new double[] {1};
        }
        return new Taps(at, weight);
    }

    /** The source position of a result element, in the precision of the elements. */
    private static double position(int o, long in, long out, double factor, boolean align, boolean cubic, boolean wide) {
        double scale = align ? out > 1 ? (double) (in - 1) / (out - 1) : 0 : factor > 0 ? 1 / factor : (double) in / out;
        if (!wide) {
            float s = align ? out > 1 ? (float) (in - 1) / (out - 1) : 0 : scale(in, out, factor);
            float x = align ? s * o : s * (o + 0.5f) - 0.5f;
            return x < 0 && !cubic ? 0 : x;
        }
        double x = align ? scale * o : scale * (o + 0.5) - 0.5;
        return x < 0 && !cubic ? 0 : x;
    }

    static Taps linear(long in, long out, double factor, boolean align, boolean wide) {
        int[][] at = new int[(int) out][];
        double[][] weight = new double[(int) out][];
        for (int o = 0; o < out; o++) {
            double x = position(o, in, out, factor, align, false, wide);
            int low = (int) Math.min((long) x, in - 1);
            double t = Math.clamp(x - low, 0, 1);
            if (!wide) t = (float) t;
            at[o] = new int[] {low, low + (low < in - 1 ? 1 : 0)};
            weight[o] = new double[] {wide ? 1 - t : 1 - (float) t, t};
        }
        return new Taps(at, weight);
    }

    static Taps cubic(long in, long out, double factor, boolean align, boolean wide) {
        int[][] at = new int[(int) out][4];
        double[][] weight = new double[(int) out][];
        for (int o = 0; o < out; o++) {
            double x = position(o, in, out, factor, align, true, wide);
            int low = (int) Math.floor(x);
            for (int k = 0; k < 4; k++) at[o][k] = (int) Math.clamp((long) low - 1 + k, 0, in - 1);
            weight[o] = cubicWeights(x - low);
        }
        return new Taps(at, weight);
    }

    /** Keys' cubic convolution with a = -0.75, for the four elements around a point. */
    static double[] cubicWeights(double t) {
        return new double[] {keys(1 + t, -0.75), keys(t, -0.75), keys(1 - t, -0.75), keys(2 - t, -0.75)};
    }

    private static double keys(double x, double a) {
        x = Math.abs(x);
        if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
        if (x < 2) return ((x - 5) * x + 8) * a * x - 4 * a;
        return 0;
    }

    /** With a filter as wide as the source elements that fall into one result element, when making smaller. */
    static Taps antialiased(long in, long out, double factor, boolean align, boolean cubic, boolean wide) {
        double scale = align ? out > 1 ? (double) (in - 1) / (out - 1) : 0 : factor > 0 ? 1 / factor : (double) in / out;
        if (!wide) scale = (float) scale;
        double stretch = Math.max(1, scale), support = (cubic ? 2 : 1) * stretch;
        int[][] at = new int[(int) out][];
        double[][] weight = new double[(int) out][];
        for (int o = 0; o < out; o++) {
            double center = rounded(scale * (o + 0.5), wide);
            int from = (int) Math.max(0, (long) (center - support + 0.5)), to = (int) Math.min(in, (long) (center + support + 0.5));
            at[o] = new int[to - from];
            weight[o] = new double[to - from];
            double sum = 0;
            for (int k = 0; k < to - from; k++) {
                at[o][k] = from + k;
                double x = rounded(rounded(k + from - center + 0.5, wide) * rounded(1 / stretch, wide), wide);
                weight[o][k] = rounded(cubic ? keys(x, -0.5) : Math.max(0, 1 - Math.abs(x)), wide);
                sum = rounded(sum + weight[o][k], wide);
            }
            for (int k = 0; k < to - from && sum != 0; k++) weight[o][k] = rounded(weight[o][k] / sum, wide);
        }
        return new Taps(at, weight);
    }

    /** In the precision of the elements, on which rounded pixels depend. */
    private static double rounded(double x, boolean wide) { return wide ? x : (float) x; }
}
