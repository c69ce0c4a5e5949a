package dev.cresset.kernels.ops.scalar;

import java.util.stream.IntStream;

/** Python's slices of sequences. */
final class Slices {
    private Slices() {}

    /**
     * The positions that {@code [start:end:step]} takes from a sequence of this length.
     *
     * @param start Long, or null if left out
     * @param end   Long, or null if left out
     * @param step  not 0
     */
    static int[] positions(int length, Object start, Object end, long step) {
        boolean forward = step > 0;
        long lowest = forward ? 0 : -1;
        long highest = forward ? length : length - 1;
        long from = bound(start, forward ? lowest : highest, length, lowest, highest);
        long to = bound(end, forward ? highest : lowest, length, lowest, highest);
        long span = forward ? to - from : from - to;
        if (span <= 0) return new int[0];
        long stride = Math.min(Math.abs(Math.max(step, -Long.MAX_VALUE)), length);
        return IntStream.range(0, (int) ((span - 1) / stride + 1))
            .map(i -> (int) (from + i * (forward ? stride : -stride))).toArray();
    }

    private static long bound(Object given, long otherwise, int length, long lowest, long highest) {
        // a missing bound of an optimised slice may also arrive as the largest int64
        if (given == null) return otherwise;
        long v = (Long) given;
        return Math.clamp(v < 0 ? v + length : v, lowest, highest);
    }
}
