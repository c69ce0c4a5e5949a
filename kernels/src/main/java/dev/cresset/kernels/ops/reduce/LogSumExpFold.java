package dev.cresset.kernels.ops.reduce;

import dev.cresset.tensor.Tensor;
import java.util.Arrays;

/** log Σ exp, with the largest element so far taken out of the sum. */
final class LogSumExpFold extends Fold {
    private final double[] largest = new double[Blocks.SIZE];
    private final double[] sums = new double[Blocks.SIZE];
    private final double[] values = new double[Blocks.SIZE];

    @Override void reset(int columns) {
        Arrays.fill(largest, 0, columns, Double.NEGATIVE_INFINITY);
        Arrays.fill(sums, 0, columns, 0);
    }

    @Override void row(Tensor in, long at, long stride, int n) {
        Blocks.load(in, at, stride, values, n);
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++) max = Math.max(max, values[i]);
        double sum = 0;
        if (max != Double.NEGATIVE_INFINITY) for (int i = 0; i < n; i++) sum += scaled(values[i], max);
        join(0, max, sum);
    }

    @Override void columns(Tensor in, long at, long stride, int n) {
        Blocks.load(in, at, stride, values, n);
        for (int i = 0; i < n; i++) join(i, values[i], values[i] == Double.NEGATIVE_INFINITY ? 0 : 1);
    }

    /** exp(v - max), where equal infinities count as equal. */
    private static double scaled(double v, double max) { return v == max ? 1 : Math.exp(v - max); }

    private void join(int i, double max, double sum) {
        double m = Math.max(largest[i], max);
        sums[i] = m == Double.NEGATIVE_INFINITY ? 0 : sums[i] * scaled(largest[i], m) + sum * scaled(max, m);
        largest[i] = m;
    }

    @Override void merge(Fold later) {
        LogSumExpFold o = (LogSumExpFold) later;
        join(0, o.largest[0], o.sums[0]);
    }

    @Override void store(Tensor[] out, long at, int columns) {
        for (int i = 0; i < columns; i++) sums[i] = Double.isInfinite(largest[i]) ? largest[i] : largest[i] + Math.log(sums[i]);
        Blocks.store(sums, out[0], at, 1, columns);
    }
}
