package dev.cresset.kernels.ops.shape;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.cresset.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.function.LongUnaryOperator;

/**
 * Copies where each dimension has its own map of positions: {@code out[i, j] = from[mapI[i], mapJ[j]]}. Flipping, rolling,
 * padding with mirrored or repeated elements and selecting by index are all of this form.
 */
final class MappedCopy {
    private final MemorySegment from;
    private final MemorySegment out;
    private final long[][] offsets;   // for each outer dimension: position in out to byte offset in from
    private final long rowBytes;      // what is contiguous in both

    /** @param maps for each dimension of {@code out} the position in {@code from}, or null for the same; {@code out} is row-major */
    static void run(Tensor from, Tensor out, long[][] maps) {
        if (out.numel() > 0) new MappedCopy(from, out, maps).copy(0, from.byteOffset(), out.byteOffset());
    }

    private MappedCopy(Tensor from, Tensor out, long[][] maps) {
        this.from = from.data();
        this.out = out.data();
        int outer = out.dim();
        long elements = 1;
        while (outer > 0 && maps[outer - 1] == null && (from.strides()[outer - 1] == elements || from.sizes()[outer - 1] == 1)) {
            elements *= out.sizes()[--outer];
        }
        int width = from.dtype().byteSize();
        this.rowBytes = elements * width;
        this.offsets = new long[outer][];
        for (int d = 0; d < outer; d++) {
            offsets[d] = new long[Math.toIntExact(out.sizes()[d])];
            for (int i = 0; i < offsets[d].length; i++) offsets[d][i] = (maps[d] == null ? i : maps[d][i]) * from.strides()[d] * width;
        }
    }

    /** The map of n positions that this function gives. */
    static long[] map(long n, LongUnaryOperator position) {
        long[] out = new long[Math.toIntExact(n)];
        for (int i = 0; i < out.length; i++) out[i] = position.applyAsLong(i);
        return out;
    }

    /** Copies everything below the given place of the outer dimensions; returns the byte offset in {@code out} after it. */
    private long copy(int dim, long source, long target) {
        if (dim == offsets.length) {
            MemorySegment.copy(from, source, out, target, rowBytes);
            return target + rowBytes;
        }
        long[] steps = offsets[dim];
        if (dim == offsets.length - 1) return rows(steps, source, target);
        long at = target;
        for (long step : steps) at = copy(dim + 1, source + step, at);
        return at;
    }

    private long rows(long[] steps, long source, long target) {
        int n = steps.length;
        switch ((int) Math.min(rowBytes, Integer.MAX_VALUE)) {
            case 1 -> { for (int i = 0; i < n; i++) out.set(JAVA_BYTE, target + i, from.get(JAVA_BYTE, source + steps[i])); }
            case 2 -> {
                for (int i = 0; i < n; i++) out.set(JAVA_SHORT_UNALIGNED, target + 2L * i, from.get(JAVA_SHORT_UNALIGNED, source + steps[i]));
            }
            case 4 -> {
                for (int i = 0; i < n; i++) out.set(JAVA_INT_UNALIGNED, target + 4L * i, from.get(JAVA_INT_UNALIGNED, source + steps[i]));
            }
            case 8 -> {
                for (int i = 0; i < n; i++) out.set(JAVA_LONG_UNALIGNED, target + 8L * i, from.get(JAVA_LONG_UNALIGNED, source + steps[i]));
            }
            default -> { for (int i = 0; i < n; i++) MemorySegment.copy(from, source + steps[i], out, target + i * rowBytes, rowBytes); }
        }
        return target + n * rowBytes;
    }
}
