package dev.cresset.kernels.ops.reduce;

import dev.cresset.tensor.Tensor;
import java.util.Arrays;

/**
 * The largest or smallest element with the index of its first occurrence; the first NaN counts as more extreme than
 * anything. Elements must come in the order of their index. Writes value and index, or the index alone if there is one output.
 */
final class IndexFold extends Fold {
    private final boolean integers;
    private final boolean largest;
    private final long[] indices = new long[Blocks.SIZE];
    private final double[] best = new double[Blocks.SIZE];
    private final double[] values = new double[Blocks.SIZE];
    private final long[] bestLongs = new long[Blocks.SIZE];
    private final long[] longs = new long[Blocks.SIZE];
    private long position;

    IndexFold(boolean integers, boolean largest) {
        this.integers = integers;
        this.largest = largest;
    }

    @Override void reset(int columns) {
        Arrays.fill(indices, 0, columns, -1);
        position = 0;
    }

    @Override void row(Tensor in, long at, long stride, int n) {
        if (integers) rowOfLongs(in, at, stride, n);
        else rowOfDoubles(in, at, stride, n);
        position += n;
    }

    private void rowOfDoubles(Tensor in, long at, long stride, int n) {
        Blocks.load(in, at, stride, values, n);
        double b = best[0];
        long index = indices[0];
        for (int i = 0; i < n; i++) {
            double v = values[i];
            if (index < 0 || (largest ? v > b : v < b) || v != v && b == b) {
                b = v;
                index = position + i;
            }
        }
        best[0] = b;
        indices[0] = index;
    }

    private void rowOfLongs(Tensor in, long at, long stride, int n) {
        Blocks.load(in, at, stride, longs, n);
        for (int i = 0; i < n; i++) {
            if (indices[0] < 0 || (largest ? longs[i] > bestLongs[0] : longs[i] < bestLongs[0])) {
                bestLongs[0] = longs[i];
                indices[0] = position + i;
            }
        }
    }

    @Override void columns(Tensor in, long at, long stride, int n) {
        if (integers) {
            Blocks.load(in, at, stride, longs, n);
            for (int i = 0; i < n; i++) {
                if (position == 0 || (largest ? longs[i] > bestLongs[i] : longs[i] < bestLongs[i])) {
                    bestLongs[i] = longs[i];
                    indices[i] = position;
                }
            }
        } else {
            Blocks.load(in, at, stride, values, n);
            for (int i = 0; i < n; i++) {
                double v = values[i];
                double b = best[i];
                if (position == 0 || (largest ? v > b : v < b) || v != v && b == b) {
                    best[i] = v;
                    indices[i] = position;
                }
            }
        }
        position++;
    }

    @Override void store(Tensor[] out, long at, int columns) {
        if (out.length == 2) {
            if (integers) Blocks.store(bestLongs, out[0], at, 1, columns);
            else Blocks.store(best, out[0], at, 1, columns);
        }
        Tensor index = out[out.length - 1];
        Blocks.store(indices, index, at - out[0].offset() + index.offset(), 1, columns);
    }
}
