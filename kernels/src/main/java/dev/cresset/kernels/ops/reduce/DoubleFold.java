package dev.cresset.kernels.ops.reduce;

import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/** Reductions of floating-point elements, in double precision whatever the element type. */
final class DoubleFold extends Fold {
    /** What is accumulated. */
    enum Kind {
        SUM(0), NAN_SUM(0), NAN_COUNT(0), NONZERO(0), PROD(1), MAX(Double.NEGATIVE_INFINITY), MIN(Double.POSITIVE_INFINITY),
        ABS_SUM(0), SQUARES(0), ABS_POWER(0), ABS_MAX(0), ABS_MIN(Double.POSITIVE_INFINITY);

        final double start;

        Kind(double start) { this.start = start; }
    }

    private final Kind kind;
    private final double power;
    private final DoubleUnaryOperator finish;
    private final double[] sums = new double[Blocks.SIZE];
    private final double[] values = new double[Blocks.SIZE];

    DoubleFold(Kind kind, double power, DoubleUnaryOperator finish) {
        this.kind = kind;
        this.power = power;
        this.finish = finish;
    }

    DoubleFold(Kind kind) { this(kind, 1, DoubleUnaryOperator.identity()); }

    @Override void reset(int columns) { Arrays.fill(sums, 0, columns, kind.start); }

    @Override void row(Tensor in, long at, long stride, int n) {
        Blocks.load(in, at, stride, values, n);
        prepare(n);
        sums[0] = join(sums[0], fold(n));
    }

    @Override void columns(Tensor in, long at, long stride, int n) {
        Blocks.load(in, at, stride, values, n);
        prepare(n);
        double[] s = sums;
        double[] v = values;
        switch (kind) {
            case PROD -> { for (int i = 0; i < n; i++) s[i] *= v[i]; }
            case MAX, ABS_MAX -> { for (int i = 0; i < n; i++) s[i] = Math.max(s[i], v[i]); }
            case MIN, ABS_MIN -> { for (int i = 0; i < n; i++) s[i] = Math.min(s[i], v[i]); }
            default -> { for (int i = 0; i < n; i++) s[i] += v[i]; }
        }
    }

    /** Maps the loaded values to what is summed, multiplied or compared. */
    private void prepare(int n) {
        double[] v = values;
        switch (kind) {
            case NAN_SUM -> { for (int i = 0; i < n; i++) v[i] = v[i] == v[i] ? v[i] : 0; }
            case NAN_COUNT -> { for (int i = 0; i < n; i++) v[i] = v[i] == v[i] ? 1 : 0; }
            case NONZERO -> { for (int i = 0; i < n; i++) v[i] = v[i] != 0 ? 1 : 0; }
            case ABS_SUM, ABS_MAX, ABS_MIN -> { for (int i = 0; i < n; i++) v[i] = Math.abs(v[i]); }
            case SQUARES -> { for (int i = 0; i < n; i++) v[i] *= v[i]; }
            case ABS_POWER -> { for (int i = 0; i < n; i++) v[i] = Math.pow(Math.abs(v[i]), power); }
            case SUM, PROD, MAX, MIN -> { }
        }
    }

    /** The loaded values in one; several accumulators, since each addition waits for the one before. */
    private double fold(int n) {
        double[] v = values;
        double a = kind.start, b = a, c = a, d = a;
        int i = 0;
        switch (kind) {
            case PROD -> { for (; i < n; i++) a *= v[i]; }
            case MAX, ABS_MAX -> {
                for (; i + 4 <= n; i += 4) {
                    a = Math.max(a, v[i]);
                    b = Math.max(b, v[i + 1]);
                    c = Math.max(c, v[i + 2]);
                    d = Math.max(d, v[i + 3]);
                }
            }
            case MIN, ABS_MIN -> {
                for (; i + 4 <= n; i += 4) {
                    a = Math.min(a, v[i]);
                    b = Math.min(b, v[i + 1]);
                    c = Math.min(c, v[i + 2]);
                    d = Math.min(d, v[i + 3]);
                }
            }
            default -> {
                for (; i + 4 <= n; i += 4) {
                    a += v[i];
                    b += v[i + 1];
                    c += v[i + 2];
                    d += v[i + 3];
                }
            }
        }
        double all = join(join(a, b), join(c, d));
        for (; i < n; i++) all = join(all, v[i]);
        return all;
    }

    private double join(double a, double b) {
        return switch (kind) {
            case PROD -> a * b;
            case MAX, ABS_MAX -> Math.max(a, b);
            case MIN, ABS_MIN -> Math.min(a, b);
            default -> a + b;
        };
    }

    @Override void merge(Fold later) { sums[0] = join(sums[0], ((DoubleFold) later).sums[0]); }

    @Override void store(Tensor[] out, long at, int columns) {
        for (int i = 0; i < columns; i++) sums[i] = finish.applyAsDouble(sums[i]);
        Blocks.store(sums, out[0], at, 1, columns);
    }
}
