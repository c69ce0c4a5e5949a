package dev.cresset.kernels.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Gives internal buffers their offsets in one block: the largest first, each in the tightest gap among those in use with it. */
final class MemoryPlan {
    /** In bytes, of all buffers in the block. */
    static final long ALIGNMENT = 64;

    private MemoryPlan() {}

    /** @return the size of the block in bytes */
    static long place(List<Buffer> buffers) {
        List<Buffer> order = new ArrayList<>(buffers.stream().filter(b -> b.kind() == Buffer.Kind.INTERNAL && b.first >= 0).toList());
        order.sort(Comparator.comparingLong((Buffer b) -> b.bytes).reversed().thenComparingInt(b -> b.index));
        List<Buffer> placed = new ArrayList<>();
        long end = 0;
        for (Buffer b : order) {
            b.offset = tightestGap(placed.stream().filter(o -> overlapInTime(o, b)).toList(), b.bytes);
            int at = 0;
            while (at < placed.size() && placed.get(at).offset <= b.offset) at++;
            placed.add(at, b);
            end = Math.max(end, b.offset + aligned(b.bytes));
        }
        return end;
    }

    /** @param used by offset */
    private static long tightestGap(List<Buffer> used, long bytes) {
        long best = -1;
        long bestGap = Long.MAX_VALUE;
        long free = 0;
        for (Buffer o : used) {
            long gap = o.offset - free;
            if (gap >= aligned(bytes) && gap < bestGap) {
                best = free;
                bestGap = gap;
            }
            free = Math.max(free, o.offset + aligned(o.bytes));
        }
        return best >= 0 ? best : free;
    }

    static boolean overlapInTime(Buffer a, Buffer b) { return a.first <= b.last && b.first <= a.last; }

    private static long aligned(long bytes) { return Math.max(ALIGNMENT, bytes + ALIGNMENT - 1 & -ALIGNMENT); }
}
