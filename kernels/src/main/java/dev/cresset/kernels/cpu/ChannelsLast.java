package dev.cresset.kernels.cpu;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Meta;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A float32 tensor N×C×H×W (or N×C×D×H×W), row-major to the program, whose memory holds the channels last; see Note [Lazy
 * layout] in {@link Storage}.
 */
public record ChannelsLast(long[] sizes) implements Storage.Arrangement {
    private static final int TILE = 16;

    /** The tensor with channels-last strides over the memory as it lies, or null if it does not lie so. */
    public static Tensor view(Tensor t) {
        return t.storage().arrangement() instanceof ChannelsLast c && t.offset() == 0 && Arrays.equals(t.sizes(), c.sizes)
            && t.isContiguous() && t.dtype() == ScalarType.FLOAT32 ? over(t) : null;
    }

    /** True if a fresh result of this description may be left channels-last: that makes a difference, and no one else sees it. */
    public static boolean suits(Meta m) {
        if (m.dtype() != ScalarType.FLOAT32 || m.sizes().length < 4 || m.sizes().length > 5 || m.sizes()[1] == 1) return false;
        long pixels = 1;
        for (int d = 2; d < m.sizes().length; d++) pixels *= m.sizes()[d];
        return pixels > 1 && Shapes.numel(m.sizes()) > 0 && Shapes.sameLayout(m.sizes(), m.strides(), Shapes.contiguousStrides(m.sizes()));
    }

    /** True if this result of an operator may be left channels-last: it is fresh, and {@link #suits}. */
    public static boolean suits(Tensor fresh) {
        return fresh.offset() == 0 && fresh.storage().isScoped() && suits(new Meta(fresh.dtype(), fresh.sizes(), fresh.strides()));
    }

    /** Declares that a fresh result will lie channels-last; the caller writes all of it through the view returned. */
    public static Tensor arrange(Tensor fresh) {
        fresh.storage().arrange(new ChannelsLast(fresh.sizes()));
        return over(fresh);
    }

    private static Tensor over(Tensor t) {
        return new Tensor(Storage.of(t.storage().arranged()), t.dtype(), 0, t.sizes(), Shapes.channelsLastStrides(t.sizes()));
    }

    /** The same elements with the channels as last dimension: row-major for a channels-last tensor. */
    public static Tensor channelsMoved(Tensor t) {
        int n = t.dim();
        long[] sizes = new long[n], strides = new long[n];
        for (int d = 0; d < n; d++) {
            int from = d == 0 ? 0 : d == n - 1 ? 1 : d + 1;
            sizes[d] = t.sizes()[from];
            strides[d] = t.strides()[from];
        }
        return t.view(sizes, strides);
    }

    @Override public void toPlain(MemorySegment from, MemorySegment to) {
        long channels = sizes[1], pixels = 1;
        for (int d = 2; d < sizes.length; d++) pixels *= sizes[d];
        for (long n = 0; n < sizes[0]; n++) transpose(from, to, n * channels * pixels, pixels, channels);
    }

    /** In tiles, so that both sides stay in the cache. */
    private static void transpose(MemorySegment from, MemorySegment to, long start, long rows, long columns) {
        for (long r = 0; r < rows; r += TILE) {
            long rEnd = Math.min(rows, r + TILE);
            for (long c = 0; c < columns; c += TILE) {
                long cEnd = Math.min(columns, c + TILE);
                for (long j = c; j < cEnd; j++) {
                    for (long i = r; i < rEnd; i++) {
                        to.set(JAVA_INT_UNALIGNED, 4 * (start + j * rows + i), from.get(JAVA_INT_UNALIGNED, 4 * (start + i * columns + j)));
                    }
                }
            }
        }
    }
}
