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

    /** Rows in groups, and columns in groups within: the cache lines of a block are read once. */
    private static void copyBlocks(Walk w, int input, Tensor from, Tensor to, int size, long first, long last) {
        for (long r = first; r < last; r += BLOCK) {
            long end = Math.min(last, r + BLOCK);
            for (long c = 0; c < w.innerSize(); c += BLOCK) {
                long length = Math.min(BLOCK, w.innerSize() - c);
                for (long row = r; row < end; row++) copyRow(w, input, from, to, size, row, c, length);
            }
        }
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
