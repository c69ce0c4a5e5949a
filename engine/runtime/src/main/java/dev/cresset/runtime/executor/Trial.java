package dev.cresset.runtime.executor;

import java.util.Arrays;
import java.util.Comparator;

/**
 * Whether a plan is faster than the unoptimised graph on the calls it would serve. Both take turns on real calls until each
 * has run often enough; the faster one serves from then on. Calls of one size are compared by the best time; calls of many
 * sizes by the time for each element of their arguments, on average without the dearest ones: something else may have had the
 * processor. A plan that loses is tried again later, at intervals that double. Safe from any number of threads; those that count calls after the trial may lose some.
 */
final class Trial {
    private static final int TURNS_OF_ONE_SIZE = 5, TURNS_OF_MANY_SIZES = 16, KEPT_OF_MANY_SIZES = 12;
    /** A plan in use is put on trial again when its calls take this much longer than in the trial it won. */
    private static final double SLOWER = 2;
    private static final int SLOW_CALLS = 200;
    /** Calls that a plan that has lost does not serve before it is tried again; and the most. */
    private static final int FIRST_PAUSE = 256, LONGEST_PAUSE = 1 << 16;

    private final boolean manySizes;
    private final Side plan, other;
    private volatile int slow, passedOver;      // counted without lock, as they are in every call
    private volatile int pause = FIRST_PAUSE;
    /** Of the unoptimised graph when it was decided: nanoseconds of a call, or for each element. */
    private volatile double expected;
    private volatile boolean decided, won;

    private Trial(boolean manySizes) {
        this.manySizes = manySizes;
        plan = new Side(manySizes ? TURNS_OF_MANY_SIZES : TURNS_OF_ONE_SIZE);
        other = new Side(manySizes ? TURNS_OF_MANY_SIZES : TURNS_OF_ONE_SIZE);
    }

    static Trial ofOneSize() { return new Trial(false); }

    static Trial ofManySizes() { return new Trial(true); }

    /** @param elements of the call's arguments */
    private record Turn(long nanos, long elements) {
        double nanosPerElement() { return (double) nanos / Math.max(1, elements); }
    }

    /** Times of one of the two. */
    private static final class Side {
        private final Turn[] turns;
        private int calls;

        Side(int most) { turns = new Turn[most]; }

        boolean isDone() { return calls >= turns.length; }

        /** Calls at the same time may be more than the turns. */
        void took(long nanos, long elements) { if (!isDone()) turns[calls++] = new Turn(nanos, elements); }

        private Turn[] taken() { return Arrays.copyOf(turns, calls); }

        long best() { return Arrays.stream(taken()).mapToLong(Turn::nanos).min().orElse(Long.MAX_VALUE); }

        /** Nanoseconds for each element. */
        double mean() {
            Turn[] kept = taken();
            Arrays.sort(kept, Comparator.comparingDouble(Turn::nanosPerElement));
            long nanos = 0, elements = 0;
            for (int i = 0; i < Math.min(kept.length, KEPT_OF_MANY_SIZES); i++) {
                nanos += kept[i].nanos;
                elements += kept[i].elements;
            }
            return (double) nanos / Math.max(1, elements);
        }

        /** Of a call. */
        long average() { return (long) Arrays.stream(taken()).mapToLong(Turn::nanos).average().orElse(0); }
    }

    /** True if the plan is to run this call. */
    boolean planRuns() { return decided ? won : isPlansTurn(); }

    private synchronized boolean isPlansTurn() { return plan.calls <= other.calls; }

    boolean isDecided() { return decided; }

    boolean isWon() { return decided && won; }

    /** @param elements of the call's arguments */
    void planTook(long nanos, long elements) {
        if (decided) watch(nanos, elements);
        else took(plan, nanos, elements);
    }

    /** @param elements of the call's arguments */
    void otherTook(long nanos, long elements) { if (!decided) took(other, nanos, elements); }

    /** Notes a call that the plan would have served if it had not lost. */
    void passedOver() { if (++passedOver >= pause) tryAgain(); }

    private synchronized void tryAgain() {
        if (!decided || passedOver < pause) return;
        pause = Math.min(2 * pause, LONGEST_PAUSE);
        restart();
    }

    private synchronized void took(Side side, long nanos, long elements) {
        if (decided) return;
        side.took(nanos, elements);
        if (!plan.isDone() || !other.isDone()) return;
        expected = manySizes ? other.mean() : other.best();
        won = (manySizes ? plan.mean() : plan.best()) < expected;
        decided = true;
    }

    private void watch(long nanos, long elements) {
        if (nanos > SLOWER * (manySizes ? expected * elements : expected)) {
            if (++slow > SLOW_CALLS) restart();
        } else if (slow != 0) {
            slow = 0;
        }
    }

    private synchronized void restart() {
        slow = 0;
        passedOver = 0;
        plan.calls = 0;
        other.calls = 0;
        decided = false;
    }

    /** Times of a call so far in nanoseconds, the best of one size, on average of many; 0 for none. */
    synchronized long planNanos() { return nanos(plan); }

    /** As {@link #planNanos} of the unoptimised graph. */
    synchronized long otherNanos() { return nanos(other); }

    private long nanos(Side s) { return s.calls == 0 ? 0 : manySizes ? s.average() : s.best(); }
}
