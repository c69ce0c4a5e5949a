package dev.cresset.kernels.ops.reduce;

import dev.cresset.tensor.Tensor;
import java.util.Arrays;

/** Reductions of integers and bool, in 64 bits with wrap-around. */
final class LongFold extends Fold {
    /** What is accumulated. */
    enum Kind {
        SUM(0), PROD(1), MAX(Long.MIN_VALUE), MIN(Long.MAX_VALUE);

        final long start;

        Kind(long start) { this.start = start; }
    }

    private final Kind kind;
    private final long[] sums = new long[Blocks.SIZE];
    private final long[] values = new long[Blocks.SIZE];

    LongFold(Kind kind) { this.kind = kind; }

    @Override void reset(int columns) { Arrays.fill(sums, 0, columns, kind.start); }

    @Override void row(Tensor in, long at, long stride, int n) {
        Blocks.load(in, at, stride, values, n);
        long[] v = values;
        long all = sums[0];
        switch (kind) {
            case SUM -> { for (int i = 0; i < n; i++) all += v[i]; }
            case PROD -> { for (int i = 0; i < n; i++) all *= v[i]; }
            case MAX -> { for (int i = 0; i < n; i++) all = Math.max(all, v[i]); }
            case MIN -> { for (int i = 0; i < n; i++) all = Math.min(all, v[i]); }
        }
        sums[0] = all;
    }

    @Override void columns(Tensor in, long at, long stride, int n) {
        Blocks.load(in, at, stride, values, n);
        long[] v = values;
        long[] s = sums;
        switch (kind) {
            case SUM -> { for (int i = 0; i < n; i++) s[i] += v[i]; }
            case PROD -> { for (int i = 0; i < n; i++) s[i] *= v[i]; }
            case MAX -> { for (int i = 0; i < n; i++) s[i] = Math.max(s[i], v[i]); }
            case MIN -> { for (int i = 0; i < n; i++) s[i] = Math.min(s[i], v[i]); }
        }
    }

    @Override void merge(Fold later) {
        long a = sums[0];
        long b = ((LongFold) later).sums[0];
        sums[0] = switch (kind) {
            case SUM -> a + b;
            case PROD -> a * b;
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
        };
    }

    @Override void store(Tensor[] out, long at, int columns) { Blocks.store(sums, out[0], at, 1, columns); }
}
