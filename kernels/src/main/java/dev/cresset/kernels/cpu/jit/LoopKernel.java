package dev.cresset.kernels.cpu.jit;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cpu.Parallel;
import dev.cresset.kernels.fuse.FusedKernel;
import dev.cresset.kernels.fuse.LoopNest;
import dev.cresset.kernels.nest.Loops;

/** Generated code with the sizes, strides and offsets of one loop nest. */
final class LoopKernel implements FusedKernel {
    /** Cost of the elements worth another thread, which takes a microsecond or two; if not vectors, one costs so many times more. */
    private static final long GRAIN = 160 << 10, SCALAR = 8;
    /** Elements of a part of a row that is not folded: without scratch rows, and with, which should stay in the nearest cache. */
    private static final int PART = 1 << 24, SCRATCH_PART = 2048;
    /** Elements that are summed in float32, before they are added to the row's sum in float64. */
    private static final int FOLDED_PART = 4096;

    private final LoopNest nest;
    private final GeneratedLoops code;
    private final Loops loops;
    private final int operands;
    private final int[] elementSizes;
    /** Offsets and strides in bytes. */
    private final long[] offsets;
    private final long[][] strides;
    /** Operands whose rows have gaps, and are copied from or to a scratch row. */
    private final boolean[] copied;
    private final long rows;
    private final int part;
    private final long grain;
    private final long scratchRow;

    LoopKernel(LoopNest nest, Loops loops, GeneratedLoops code) {
        this.nest = nest;
        this.loops = loops;
        this.code = code;
        rows = loops.rows();
        operands = loops.offsets().length;
        elementSizes = new int[operands];
        offsets = new long[operands];
        strides = new long[operands][];
        copied = new boolean[operands];
        boolean anyCopied = false;
        for (int k = 0; k < operands; k++) {
            int size = elementSizes[k] = type(k).byteSize();
            offsets[k] = loops.offsets()[k] * size;
            strides[k] = java.util.Arrays.stream(loops.strides()[k]).map(s -> s * size).toArray();
            long inner = loops.innerStride(k);
            copied[k] = inner != 0 && inner != 1 && loops.rowLength() > 1;
            anyCopied |= copied[k];
        }
        boolean folds = !nest.reductions().isEmpty();
        boolean scratch = anyCopied || !code.plan.saved().isEmpty();
        part = (int) Math.min(loops.rowLength(), folds ? Integer.MAX_VALUE : scratch ? SCRATCH_PART : PART);
        long elements = GRAIN / cost(code) + 63 & -64;
        grain = folds ? Math.max(1, elements / Math.max(1, loops.rowLength())) : elements;
        scratchRow = scratch ? Frame.aligned(8L * part) : 0;
    }

    private static long cost(GeneratedLoops code) {
        long cost = 0;
        for (int i = 0; i < code.passes(); i++) cost += code.cost(i) * (code.vectors(i) ? 1 : SCALAR);
        return cost;
    }

    private ScalarType type(int operand) {
        int inputs = nest.inputs().size();
        return operand < inputs ? nest.inputs().get(operand).type() : nest.results().get(operand - inputs).type();
    }

    @Override public void run(int threads, long[] addresses) {
        boolean folds = !nest.reductions().isEmpty();
        long n = folds ? rows : rows * loops.rowLength();
        if (threads == 1 || n <= grain) {
            if (n > 0) range(addresses, 0, n);
        } else {
            Parallel.forRange(threads, n, grain, (from, to) -> range(addresses, from, to));
        }
    }

    /** @param from a row if rows are folded, else an element; as {@code to} */
    private void range(long[] addresses, long from, long to) {
        Frame f = Frame.ofThread();
        int saved = code.plan.saved().size();
        f.provide(operands + 1 + saved, operands, loops.rank(), cellBytes() + (saved + operands) * scratchRow);
        f.addresses[operands] = f.scratch();
        for (int i = 0; i < saved; i++) f.addresses[operands + 1 + i] = f.scratch() + cellBytes() + i * scratchRow;
        if (nest.reductions().isEmpty()) elements(f, addresses, from, to);
        else rows(f, addresses, from, to);
    }

    private long cellBytes() { return Frame.aligned(8L * nest.reductions().size()); }

    private void elements(Frame f, long[] addresses, long from, long to) {
        long length = loops.rowLength();
        moveTo(f, addresses, from / length);
        long column = from % length;
        for (long at = from; at < to; ) {
            int n = (int) Math.min(part, Math.min(length - column, to - at));
            part(f, column, n);
            at += n;
            column += n;
            if (column == length && at < to) {
                next(f);
                column = 0;
            }
        }
    }

    private void rows(Frame f, long[] addresses, long from, long to) {
        moveTo(f, addresses, from);
        for (long row = from; row < to; row++) {
            part(f, 0, part);
            if (row + 1 < to) next(f);
        }
    }

    /** All passes over {@code n} elements of the current row. */
    private void part(Frame f, long column, int n) {
        long[] a = f.addresses;
        int inner = loops.rank() - 1, inputs = nest.inputs().size();
        long scratch = f.scratch() + cellBytes() + code.plan.saved().size() * scratchRow;
        for (int k = 0; k < operands; k++) {
            a[k] = f.row[k] + column * strides[k][inner];
            if (!copied[k]) continue;
            if (k < inputs) Strided.copy(a[k], strides[k][inner], scratch + k * scratchRow, elementSizes[k], n, elementSizes[k]);
            a[k] = scratch + k * scratchRow;
        }
        passes(a, n);
        for (int k = inputs; k < operands; k++) {
            long to = f.row[k] + column * strides[k][inner];
            if (copied[k]) Strided.copy(a[k], elementSizes[k], to, strides[k][inner], n, elementSizes[k]);
        }
    }

    private void passes(long[] a, int n) {
        for (int i = 0; i < code.passes(); i++) {
            if (n <= FOLDED_PART || !code.folds(i)) {
                code.run(i, a, 0, n);
            } else {
                for (int from = 0; from < n; from += FOLDED_PART) code.run(i, a, from, Math.min(n, from + FOLDED_PART));
            }
        }
    }

    // ---- the current row

    private void moveTo(Frame f, long[] addresses, long row) {
        for (int k = 0; k < operands; k++) f.row[k] = addresses[k] + offsets[k];
        for (int d = loops.rank() - 2; d >= 0; d--) {
            long size = loops.sizes()[d];
            f.index[d] = row % size;
            row /= size;
            for (int k = 0; k < operands; k++) f.row[k] += f.index[d] * strides[k][d];
        }
    }

    private void next(Frame f) {
        for (int d = loops.rank() - 2; d >= 0; d--) {
            long size = loops.sizes()[d];
            if (++f.index[d] < size) {
                for (int k = 0; k < operands; k++) f.row[k] += strides[k][d];
                return;
            }
            f.index[d] = 0;
            for (int k = 0; k < operands; k++) f.row[k] -= (size - 1) * strides[k][d];
        }
    }

    @Override public void warm() { code.warm(); }

    @Override public boolean isWarm() { return code.isWarm(); }

    @Override public String text() { return LoopText.of(nest, code); }
}
