package dev.cresset.kernels.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;

/** Gives internal buffers their offsets in one block: the largest first, each in the tightest gap among those in use with it. */
final class MemoryPlan {
    /** In bytes, of all buffers in the block; some ask for more ({@link Buffer#alignment}). */
    static final long ALIGNMENT = 64;
    /** What steps that run at once may cost: half of the block, or so many bytes. */
    private static final long CHEAP = 16L << 20;

    private final List<Buffer> largestFirst = new ArrayList<>();
    private long most;
    private BiPredicate<Buffer, Buffer> usedAtOnce;

    private MemoryPlan(List<Buffer> buffers) {
        buffers.stream().filter(b -> b.kind() == Buffer.Kind.INTERNAL && b.first >= 0)
            .sorted(Comparator.comparingLong((Buffer b) -> b.bytes).reversed().thenComparingInt(b -> b.index)).forEach(largestFirst::add);
    }

    /** For steps that run one after the other. @return the size of the block in bytes */
    static long place(List<Buffer> buffers) { return new MemoryPlan(buffers).place(); }

    /**
     * For steps some of which may run at once: their buffers lie apart, as far as that does not make the block much larger. Where it would,
     * buffers share bytes as if steps ran one after the other, which keeps those that use them from running at once.
     *
     * @param order what the tensors of the steps ask for
     */
    static long place(List<Buffer> buffers, List<Step> steps, StepOrder order) {
        MemoryPlan plan = new MemoryPlan(buffers);
        long least = plan.place();
        if (order.isChain()) return least;
        Map<Buffer, List<Integer>> users = users(steps);
        plan.most = least + Math.max(least / 2, CHEAP);
        plan.usedAtOnce = (a, b) -> overlapInTime(a, b) || !allComeBefore(users.get(a), users.get(b), order) && !allComeBefore(users.get(b), users.get(a), order);
        long end = plan.place();
        if (end <= plan.most) return end;
        plan.usedAtOnce = null;
        return plan.place();
    }

    private static Map<Buffer, List<Integer>> users(List<Step> steps) {
        Map<Buffer, List<Integer>> out = new HashMap<>();
        for (int i = 0; i < steps.size(); i++) {
            int at = i;
            steps.get(i).buffers().forEach(b -> out.computeIfAbsent(b, _ -> new ArrayList<>()).add(at));
        }
        return out;
    }

    private static boolean allComeBefore(List<Integer> some, List<Integer> others, StepOrder order) {
        for (int a : some) for (int b : others) if (a >= b || !order.comesBefore(a, b)) return false;
        return true;
    }

    private long place() {
        List<Buffer> placed = new ArrayList<>();
        long end = 0;
        for (Buffer b : largestFirst) {
            b.offset = usedAtOnce == null ? -1 : tightestGap(placed.stream().filter(o -> usedAtOnce.test(o, b)).toList(), b);
            boolean cheap = b.offset >= 0 && b.offset + aligned(b.bytes) <= most;
            if (!cheap) b.offset = tightestGap(placed.stream().filter(o -> overlapInTime(o, b)).toList(), b);
            int at = 0;
            while (at < placed.size() && placed.get(at).offset <= b.offset) at++;
            placed.add(at, b);
            end = Math.max(end, b.offset + aligned(b.bytes));
        }
        return end;
    }

    /** @param used by offset */
    private static long tightestGap(List<Buffer> used, Buffer b) {
        long best = -1;
        long bestGap = Long.MAX_VALUE;
        long free = 0;
        for (Buffer o : used) {
            long gap = o.offset - free;
            if (gap >= aligned(b.bytes) && gap < bestGap) {
                best = free;
                bestGap = gap;
            }
            free = Math.max(free, multiple(o.offset + aligned(o.bytes), b.alignment));
        }
        return best >= 0 ? best : free;
    }

    static boolean overlapInTime(Buffer a, Buffer b) { return a.first <= b.last && b.first <= a.last; }

    private static long aligned(long bytes) { return Math.max(ALIGNMENT, multiple(bytes, ALIGNMENT)); }

    private static long multiple(long bytes, long of) { return bytes + of - 1 & -of; }
}
