package dev.cresset.kernels.ops.shape;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.cresset.kernels.cuda.code.LayoutKernels;
import dev.cresset.kernels.cuda.ops.CudaLayout;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.LongUnaryOperator;

/**
 * Copies between a row-major tensor and one where each dimension has its own map of positions:
 * {@code dense[i, j] = mapped[mapI[i], mapJ[j]]}, or the other way. Flipping, rolling, padding with mirrored or
 * repeated
 * elements and indexing are all of this form.
 */
final class MappedCopy {
    private final MemorySegment mapped;
    private final MemorySegment dense;
    private final boolean toMapped;
    private final long[][] offsets;   // for each outer dimension: position in dense to byte offset in mapped
    private final long rowBytes;      // what is contiguous in both

    /**
     * Reads {@code from} through maps. @param maps position in {@code from} for each position of a dimension of
     * {@code out}; null: the same
     */
    static void run(Tensor from, Tensor out, long[][] maps) {
        if (out.numel() > 0) new MappedCopy(from, out, maps, false).copy(0, from.byteOffset(), out.byteOffset());
    }

    /** Reads {@code from} through these positions, for each dimension of {@code out}, which is row-major, wherever both are. */
    static void run(CallContext context, Tensor from, Tensor out, Positions[] positions) {
        if (context.isOnDevice()) {
            CudaLayout.mapped(context, from, out, Arrays.stream(positions).map(Positions::kind).toArray(LayoutKernels.Map[]::new),
                Arrays.stream(positions).mapToLong(Positions::before).toArray());
            return;
        }
        long[][] maps = new long[out.dim()][];
        for (int d = 0; d < maps.length; d++) maps[d] = positions[d].map(out.sizes()[d], from.sizes()[d]);
        run(from, out, maps);
    }

    /** Writes the elements of row-major {@code from} to {@code out} through maps. Later elements win. */
    static void scatter(Tensor from, Tensor out, long[][] maps) {
        if (from.numel() > 0) new MappedCopy(out, from, maps, true).copy(0, out.byteOffset(), from.byteOffset());
    }

    private MappedCopy(Tensor mapped, Tensor dense, long[][] maps, boolean toMapped) {
        this.mapped = mapped.data();
        this.dense = dense.data();
        this.toMapped = toMapped;
        int outer = dense.dim();
        long elements = 1;
        while (outer > 0 && maps[outer - 1] == null
            && (mapped.strides()[outer - 1] == elements || dense.sizes()[outer - 1] == 1)) {
            elements *= dense.sizes()[--outer];
        }
        int width = mapped.dtype().byteSize();
        this.rowBytes = elements * width;
        this.offsets = new long[outer][];
        for (int d = 0; d < outer; d++) {
            offsets[d] = new long[Math.toIntExact(dense.sizes()[d])];
            for (int i = 0; i < offsets[d].length; i++) {
                offsets[d][i] = (maps[d] == null ? i : maps[d][i]) * mapped.strides()[d] * width;
            }
        }
    }

    /** The map of n positions that this function gives. */
    static long[] map(long n, LongUnaryOperator position) {
        long[] out = new long[Math.toIntExact(n)];
        for (int i = 0; i < out.length; i++) out[i] = position.applyAsLong(i);
        return out;
    }

    /**
     * Copies everything below the given place of the outer dimensions; returns the byte offset in {@code dense} after
     * it.
     */
    private long copy(int dim, long there, long here) {
        if (dim == offsets.length) {
            row(there, here);
            return here + rowBytes;
        }
        long[] steps = offsets[dim];
        if (dim == offsets.length - 1) return toMapped ? write(steps, there, here) : read(steps, there, here);
        long at = here;
        for (long step : steps) at = copy(dim + 1, there + step, at);
        return at;
    }

    private void row(long there, long here) {
        if (toMapped) MemorySegment.copy(dense, here, mapped, there, rowBytes);
        else MemorySegment.copy(mapped, there, dense, here, rowBytes);
    }

    private int width() { return (int) Math.min(rowBytes, Integer.MAX_VALUE); }

    private long read(long[] steps, long there, long here) {
        MemorySegment from = mapped;
        MemorySegment to = dense;
        int n = steps.length;
        switch (width()) {
            case 1 -> { for (int i = 0; i < n; i++) to.set(JAVA_BYTE, here + i,
                from.get(JAVA_BYTE, there + steps[i])); }
            case 2 -> {
                for (int i = 0; i < n; i++) {
                    to.set(JAVA_SHORT_UNALIGNED, here + 2L * i, from.get(JAVA_SHORT_UNALIGNED, there + steps[i]));
                }
            }
            case 4 -> {
                for (int i = 0; i < n; i++) {
                    to.set(JAVA_INT_UNALIGNED, here + 4L * i, from.get(JAVA_INT_UNALIGNED, there + steps[i]));
                }
            }
            case 8 -> {
                for (int i = 0; i < n; i++) {
                    to.set(JAVA_LONG_UNALIGNED, here + 8L * i, from.get(JAVA_LONG_UNALIGNED, there + steps[i]));
                }
            }
            default -> { for (int i = 0; i < n; i++) row(there + steps[i], here + i * rowBytes); }
        }
        return here + n * rowBytes;
    }

    private long write(long[] steps, long there, long here) {
        MemorySegment from = dense;
        MemorySegment to = mapped;
        int n = steps.length;
        switch (width()) {
            case 1 -> { for (int i = 0; i < n; i++) to.set(JAVA_BYTE, there + steps[i],
                from.get(JAVA_BYTE, here + i)); }
            case 4 -> {
                for (int i = 0; i < n; i++) {
                    to.set(JAVA_INT_UNALIGNED, there + steps[i], from.get(JAVA_INT_UNALIGNED, here + 4L * i));
                }
            }
            case 8 -> {
                for (int i = 0; i < n; i++) {
                    to.set(JAVA_LONG_UNALIGNED, there + steps[i], from.get(JAVA_LONG_UNALIGNED, here + 8L * i));
                }
            }
            default -> { for (int i = 0; i < n; i++) row(there + steps[i], here + i * rowBytes); }
        }
        return here + n * rowBytes;
    }
}
