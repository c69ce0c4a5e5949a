package dev.cresset.kernels.ops.reduce;

import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Reduces some dimensions of a tensor, whatever its strides, without copying it. Results are written row-major over the
 * kept dimensions. Where a kept dimension varies fastest in memory, blocks of columns are accumulated row by row; else
 * each result walks its own row. The split among threads never changes the order of additions.
 */
final class Reduction {
    /** A single long row is cut into parts of this many elements, which are joined in order. */
    private static final int PART = 64 << 10;

    private record Axis(long size, long stride) {}

    private final Tensor in;
    private final List<Axis> kept = new ArrayList<>();
    private final List<Axis> reduced = new ArrayList<>();
    private final long results;
    private final long rowLength;

    /** @param mask true for the dimensions to reduce */
    Reduction(Tensor in, boolean[] mask) {
        this.in = in;
        long rows = 1;
        long length = 1;
        for (int d = 0; d < in.dim(); d++) {
            Axis axis = new Axis(in.sizes()[d], in.strides()[d]);
            if (mask[d]) length *= axis.size;
            else rows *= axis.size;
            append(mask[d] ? reduced : kept, axis);
        }
        results = rows;
        rowLength = length;
    }

    private static void append(List<Axis> axes, Axis next) {
        if (next.size == 1) return;
        Axis last = axes.isEmpty() ? null : axes.getLast();
        if (last != null && last.stride == next.size * next.stride) {
            axes.set(axes.size() - 1, new Axis(last.size * next.size, next.stride));
        } else {
            axes.add(next);
        }
    }

    /** Runs it. @param fold makes the state of one thread */
    void run(int threads, Supplier<? extends Fold> fold, Tensor... out) {
        if (results == 0) return;
        Axis run = reduced.isEmpty() ? new Axis(1, 1) : reduced.getLast();
        Axis across = kept.isEmpty() ? null : kept.getLast();
        if (rowLength == 0) {
            Fold f = fold.get();
            for (long r = 0; r < results; r += Blocks.SIZE) {
                int n = (int) Math.min(Blocks.SIZE, results - r);
                f.reset(n);
                f.store(out, out[0].offset() + r, n);
            }
        } else if (across != null && across.size >= 4 && Math.abs(across.stride) < Math.abs(run.stride)
            || across != null && reduced.isEmpty()) {
            columns(threads, fold, across, out);
        } else if (results == 1 && reduced.size() == 1 && run.size > PART && splits(fold)) {
            parts(threads, fold, run, out);
        } else {
            Work.split(threads, results, rowLength, (from, to) -> {
                Fold f = fold.get();
                for (long r = from; r < to; r++) row(f, r, run, out);
            });
        }
    }

    private static boolean splits(Supplier<? extends Fold> fold) { return !(fold.get() instanceof IndexFold); }

    private void row(Fold f, long r, Axis run, Tensor[] out) {
        f.reset(1);
        long base = in.offset() + position(kept, kept.size(), r);
        int outer = Math.max(0, reduced.size() - 1);
        long repeats = rowLength / run.size;
        for (long k = 0; k < repeats; k++) {
            long at = base + position(reduced, outer, k);
            for (long i = 0; i < run.size; i += Blocks.SIZE) {
                f.row(in, at + i * run.stride, run.stride, (int) Math.min(Blocks.SIZE, run.size - i));
            }
        }
        f.store(out, out[0].offset() + r, 1);
    }

    private void parts(int threads, Supplier<? extends Fold> fold, Axis run, Tensor[] out) {
        int parts = Math.toIntExact((run.size + PART - 1) / PART);
        Fold[] folds = new Fold[parts];
        Work.split(threads, parts, PART, (from, to) -> {
            for (int p = (int) from; p < to; p++) {
                Fold f = folds[p] = fold.get();
                f.reset(1);
                long end = Math.min(run.size, (p + 1L) * PART);
                for (long i = (long) p * PART; i < end; i += Blocks.SIZE) {
                    f.row(in, in.offset() + i * run.stride, run.stride, (int) Math.min(Blocks.SIZE, end - i));
                }
            }
        });
        for (int p = 1; p < parts; p++) folds[0].merge(folds[p]);
        folds[0].store(out, out[0].offset(), 1);
    }

    private void columns(int threads, Supplier<? extends Fold> fold, Axis across, Tensor[] out) {
        long blocksPerRow = (across.size + Blocks.SIZE - 1) / Blocks.SIZE;
        long outer = results / across.size;
        Work.split(threads, outer * blocksPerRow, rowLength * Math.min(across.size, Blocks.SIZE), (from, to) -> {
            Fold f = fold.get();
            for (long b = from; b < to; b++) {
                long o = b / blocksPerRow;
                long first = b % blocksPerRow * Blocks.SIZE;
                int n = (int) Math.min(Blocks.SIZE, across.size - first);
                long base = in.offset() + position(kept, kept.size() - 1, o) + first * across.stride;
                f.reset(n);
                for (long k = 0; k < rowLength; k++) f.columns(in, base + position(reduced, reduced.size(), k), across.stride, n);
                f.store(out, out[0].offset() + o * across.size + first, n);
            }
        });
    }

    /** The distance of item i of the first {@code count} axes, counted row-major. */
    private static long position(List<Axis> axes, int count, long i) {
        long at = 0;
        long rest = i;
        for (int d = count - 1; d >= 0; d--) {
            Axis axis = axes.get(d);
            if (d == 0) return at + rest * axis.stride;
            at += rest % axis.size * axis.stride;
            rest /= axis.size;
        }
        return at;
    }
}
