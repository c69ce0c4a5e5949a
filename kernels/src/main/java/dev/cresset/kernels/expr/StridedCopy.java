package dev.cresset.kernels.expr;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.cresset.kernels.cpu.Parallel;
import dev.cresset.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** Copies of elements as they are, without conversion: in bulk where both sides are dense, in square blocks for transposes. */
final class StridedCopy {
    private static final long GRAIN_BYTES = 256 << 10;
    private static final int BLOCK = 16;

    private StridedCopy() {}

    static void run(int threads, Walk w, int input) {
        Tensor from = w.operands[input], to = w.operands[w.operands.length - 1];
        int size = to.dtype().byteSize();
        int out = w.operands.length - 1;
        long inner = w.innerSize();
        if (w.rank == 1 && w.innerStride(input) == 1 && w.innerStride(out) == 1) {
            Parallel.forRange(threads, inner, Math.max(1, GRAIN_BYTES / size), (a, b) -> MemorySegment.copy(
                from.data(), (from.offset() + a) * size, to.data(), (to.offset() + a) * size, (b - a) * size));
            return;
        }
        long rows = w.elements / inner;
        boolean transposed = w.rank > 1 && w.innerStride(input) > 1 && w.strides[input][w.rank - 2] == 1;
        long grain = Math.max(1, GRAIN_BYTES / size / inner);
        if (transposed) grain = (grain + BLOCK - 1) / BLOCK * BLOCK;
        Parallel.forRange(threads, rows, grain, (a, b) -> {
            if (transposed) copyBlocks(w, input, from, to, size, a, b);
            else for (long r = a; r < b; r++) copyRow(w, input, from, to, size, r, 0, inner);
        });
    }

    /** Rows in groups, and columns in groups within, through a small array: each cache line is read and written once. */
    private static void copyBlocks(Walk w, int input, Tensor from, Tensor to, int size, long first, long last) {
        boolean ints = size == 4 && w.innerStride(w.operands.length - 1) == 1;
        int[] block = new int[BLOCK * BLOCK];
        long period = w.sizes[w.rank - 2];      // the input is dense along so many rows
        for (long r = first; r < last; ) {
            long end = Math.min(Math.min(last, r + BLOCK), (r / period + 1) * period);
            for (long c = 0; c < w.innerSize(); c += BLOCK) {
                int length = (int) Math.min(BLOCK, w.innerSize() - c);
                if (ints) {
                    transposeInts(w, input, from.data(), to.data(), r, (int) (end - r), c, length, block);
                } else {
                    for (long row = r; row < end; row++) copyRow(w, input, from, to, size, row, c, length);
                }
            }
            r = end;
        }
    }

    private static void transposeInts(Walk w, int input, MemorySegment from, MemorySegment to, long row, int rows, long column,
                                      int columns, int[] block) {
        int out = w.operands.length - 1;
        long stride = w.innerStride(input);
        long source = w.rowStart(input, row) + column * stride;
        for (int c = 0; c < columns; c++) {
            for (int r = 0; r < rows; r++) block[r * BLOCK + c] = from.get(JAVA_INT_UNALIGNED, 4 * (source + c * stride + r));
        }
        long target = w.rowStart(out, row) + column;
        long rowStride = w.strides[out][w.rank - 2];
        for (int r = 0; r < rows; r++) MemorySegment.copy(block, r * BLOCK, to, JAVA_INT_UNALIGNED, 4 * (target + r * rowStride), columns);
    }

    private static void copyRow(Walk w, int input, Tensor from, Tensor to, int size, long row, long column, long n) {
        int out = w.operands.length - 1;
        long s = w.innerStride(input), d = w.innerStride(out);
        long source = w.rowStart(input, row) + column * s, target = w.rowStart(out, row) + column * d;
        if (s == 1 && d == 1) {
            MemorySegment.copy(from.data(), source * size, to.data(), target * size, n * size);
        } else {
            copyElements(from.data(), source * size, s * size, to.data(), target * size, d * size, size, n);
        }
    }

    /** Positions and strides in bytes. */
    private static void copyElements(MemorySegment from, long a, long s, MemorySegment to, long b, long d, int size, long n) {
        switch (size) {
            case 1 -> { for (long i = 0; i < n; i++) to.set(JAVA_BYTE, b + i * d, from.get(JAVA_BYTE, a + i * s)); }
            case 2 -> { for (long i = 0; i < n; i++) to.set(JAVA_SHORT_UNALIGNED, b + i * d, from.get(JAVA_SHORT_UNALIGNED, a + i * s)); }
            case 4 -> { for (long i = 0; i < n; i++) to.set(JAVA_INT_UNALIGNED, b + i * d, from.get(JAVA_INT_UNALIGNED, a + i * s)); }
            case 8 -> { for (long i = 0; i < n; i++) to.set(JAVA_LONG_UNALIGNED, b + i * d, from.get(JAVA_LONG_UNALIGNED, a + i * s)); }
            default -> {
                for (long i = 0; i < n; i++) MemorySegment.copy(from, a + i * s, to, b + i * d, size);
            }
        }
    }
}
