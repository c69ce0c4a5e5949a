package dev.cresset.runtime.executor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/** The plans of a function: few, in an array that calls look through without a lock; the least recently used goes first. */
final class PlanTable {
    private static final int PLANS = 8;
    /** A plan that served one of so many last calls is not given up for another: else plans would be made without end. */
    private static final long RECENT_CALLS = 4096;

    private final long byteLimit;
    private final Consumer<Plan> evicted;
    private volatile Plan[] plans = {};
    private volatile long clock;
    private boolean closed;

    /**
     * @param byteLimit what plans may hold outside the heap, apart from the newest
     * @param evicted   is told which plan made room
     */
    PlanTable(long byteLimit, Consumer<Plan> evicted) {
        this.byteLimit = byteLimit;
        this.evicted = evicted;
    }

    /** The newest first; not to be changed. */
    Plan[] all() { return plans; }

    /** Notes that a plan serves a call. Concurrent calls may count as one. */
    void used(Plan p) { p.lastUse = clock++; }

    /** Notes a call that no plan serves. */
    void missed() { clock++; }

    /** True if there is no room for another plan: all that are here are in use. */
    boolean isBusy() {
        Plan[] now = plans;
        if (now.length < PLANS) return false;
        for (Plan p : now) if (clock - p.lastUse > RECENT_CALLS) return false;
        return true;
    }

    synchronized void add(Plan plan) {
        plan.lastUse = clock;
        if (closed) {
            plan.retire();
            return;
        }
        List<Plan> now = new ArrayList<>(List.of(plans));
        while (now.size() >= PLANS || !now.isEmpty() && bytes(now) + plan.nativeBytes() > byteLimit) {
            Plan oldest = now.stream().min(Comparator.comparingLong(p -> p.lastUse)).orElseThrow();
            now.remove(oldest);
            oldest.retire();
            evicted.accept(oldest);
        }
        now.addFirst(plan);
        plans = now.toArray(Plan[]::new);
    }

    private static long bytes(List<Plan> plans) { return plans.stream().mapToLong(Plan::nativeBytes).sum(); }

    /** Frees all plans once nobody runs them; what is added later is freed at once. */
    synchronized void close() {
        closed = true;
        for (Plan p : plans) p.retire();
        plans = new Plan[0];
    }
}
