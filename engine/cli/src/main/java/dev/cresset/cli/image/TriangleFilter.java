package dev.cresset.cli.image;

/** Resamples a row with a triangle as wide as two pixels of the coarser grid, in fixed point. */
final class TriangleFilter {
    private static final int PRECISION = 22;
    private static final int HALF = 1 << PRECISION - 1;

    private final int[] first;
    private final int[][] weights;

    TriangleFilter(int from, int to) {
        double scale = (double) from / to, radius = Math.max(scale, 1);
        first = new int[to];
        weights = new int[to][];
        for (int i = 0; i < to; i++) {
            double center = (i + 0.5) * scale;
            int begin = Math.max(0, (int) (center - radius + 0.5));
            int end = Math.min(from, (int) (center + radius + 0.5));
            first[i] = begin;
            weights[i] = weights(begin, end, center, radius);
        }
    }

    private static int[] weights(int begin, int end, double center, double radius) {
        double[] exact = new double[end - begin];
        double sum = 0;
        for (int k = 0; k < exact.length; k++) {
            exact[k] = Math.max(0, 1 - Math.abs((k + begin - center + 0.5) / radius));
            sum += exact[k];
        }
        int[] out = new int[exact.length];
        for (int k = 0; k < exact.length; k++) out[k] = (int) (0.5 + exact[k] / sum * (1 << PRECISION));
        return out;
    }

    /** @param step distance between samples of a channel */
    void apply(byte[] in, int inAt, int step, byte[] out, int outAt) {
        for (int i = 0; i < first.length; i++) {
            int sum = HALF;
            int at = inAt + first[i] * step;
            for (int w : weights[i]) {
                sum += (in[at] & 255) * w;
                at += step;
            }
            out[outAt + i * step] = (byte) Math.clamp(sum >> PRECISION, 0, 255);
        }
    }
}
