package dev.cresset.kernels.ops.reduce;

import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;

/** Mean and sum of squared deviations in one pass, joined by Chan's formula. Writes the finished spread, then the mean if asked for. */
final class VarianceFold extends Fold {
    private final DoubleBinaryOperator finish;
    private final double[] means = new double[Blocks.SIZE];
    private final double[] squares = new double[Blocks.SIZE];
    private final double[] values = new double[Blocks.SIZE];
    private long count;

    /** @param finish gives the result from the sum of squared deviations and the count */
    VarianceFold(DoubleBinaryOperator finish) { this.finish = finish; }

    @Override void reset(int columns) {
        Arrays.fill(means, 0, columns, 0);
        Arrays.fill(squares, 0, columns, 0);
        count = 0;
    }

    @Override void row(Tensor in, long at, long stride, int n) {
        Blocks.load(in, at, stride, values, n);
        double mean = sum(values, n) / n;
        double a = 0, b = 0;
        int i = 0;
        for (; i + 2 <= n; i += 2) {
            double x = values[i] - mean;
            double y = values[i + 1] - mean;
            a += x * x;
            b += y * y;
        }
        if (i < n) a += (values[i] - mean) * (values[i] - mean);
        join(n, mean, a + b);
    }

    private static double sum(double[] v, int n) {
        double a = 0, b = 0, c = 0, d = 0;
        int i = 0;
        for (; i + 4 <= n; i += 4) {
            a += v[i];
            b += v[i + 1];
            c += v[i + 2];
            d += v[i + 3];
        }
        for (; i < n; i++) a += v[i];
        return a + b + (c + d);
    }

    private void join(long n, double mean, double squared) {
        if (count == 0) {
            means[0] = mean;
            squares[0] = squared;
        } else if (n > 0) {
            double delta = mean - means[0];
            double share = (double) n / (count + n);
            means[0] += delta * share;
            squares[0] += squared + delta * delta * count * share;
        }
        count += n;
    }

    @Override void columns(Tensor in, long at, long stride, int n) {
        Blocks.load(in, at, stride, values, n);
        double inverse = 1.0 / ++count;
        for (int i = 0; i < n; i++) {
            double delta = values[i] - means[i];
            means[i] += delta * inverse;
            squares[i] += delta * (values[i] - means[i]);
        }
    }

    @Override void merge(Fold later) {
        VarianceFold o = (VarianceFold) later;
        join(o.count, o.means[0], o.squares[0]);
    }

    double mean() { return count == 0 ? Double.NaN : means[0]; }

    /** The variance of the row, not corrected. */
    double variance() { return squares[0] / count; }

    @Override void store(Tensor[] out, long at, int columns) {
        for (int i = 0; i < columns; i++) {
            squares[i] = finish.applyAsDouble(squares[i], count);
            if (count == 0) means[i] = Double.NaN;
        }
        Blocks.store(squares, out[0], at, 1, columns);
        if (out.length > 1) Blocks.store(means, out[1], at - out[0].offset() + out[1].offset(), 1, columns);
    }
}
