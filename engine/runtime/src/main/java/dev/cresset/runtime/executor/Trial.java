package dev.cresset.runtime.executor;

/**
 * Whether a plan is faster than the unoptimised graph on the calls it would serve. Both take turns on real calls until each
 * has run often enough; the faster one serves from then on. Calls of one size are compared by the best time; calls of many
 * sizes by the time for each element of their arguments, on average. Safe from any number of threads, roughly: a lost
 * measurement only makes it longer.
 */
final class Trial {
    private static final int TURNS_OF_ONE_SIZE = 5, TURNS_OF_MANY_SIZES = 16;
    /** A plan in use is put on trial again when its calls take this much longer than in the trial it won. */
    private static final double SLOWER = 2;
    private static final int SLOW_CALLS = 200;

    private final boolean manySizes;
    private final Side plan = new Side(), other = new Side();
    private volatile int slow;
    private volatile boolean decided, won;

    private Trial(boolean manySizes) { this.manySizes = manySizes; }

    static Trial ofOneSize() { return new Trial(false); }

    static Trial ofManySizes() { return new Trial(true); }

    /** Times of one of the two. */
    private static final class Side {
        volatile long best = Long.MAX_VALUE;
        volatile int calls;
        volatile long nanos, elements;

        void took(long nanos, long elements) {
            best = Math.min(best, nanos);
            this.nanos += nanos;
            this.elements += elements;
            calls++;
        }

        void restart() {
            calls = 0;
            nanos = 0;
            elements = 0;
            best = Long.MAX_VALUE;
        }

        /** Nanoseconds for each element. */
        double mean() { return (double) nanos / Math.max(1, elements); }
    }

    /** True if the plan is to run this call. */
    boolean planRuns() { return decided ? won : plan.calls <= other.calls; }

    boolean isDecided() { return decided; }

    boolean isWon() { return decided && won; }

    /** @param elements of the call's arguments */
    void planTook(long nanos, long elements) {
        if (decided) {
            watch(nanos, elements);
            return;
        }
        plan.took(nanos, elements);
        decide();
    }

    /** @param elements of the call's arguments */
    void otherTook(long nanos, long elements) {
        if (decided) return;
        other.took(nanos, elements);
        decide();
    }

    private void decide() {
        int turns = manySizes ? TURNS_OF_MANY_SIZES : TURNS_OF_ONE_SIZE;
        if (plan.calls < turns || other.calls < turns) return;
        won = manySizes ? plan.mean() < other.mean() : plan.best < other.best;
        decided = true;
    }

    private void watch(long nanos, long elements) {
        double expected = manySizes ? other.mean() * elements : other.best;
        if (nanos <= SLOWER * expected) {
            slow = 0;
        } else if (++slow > SLOW_CALLS) {
            slow = 0;
            plan.restart();
            other.restart();
            decided = false;
        }
    }

    /** Times of a call so far in nanoseconds, the best of one size, on average of many; 0 for none. */
    long planNanos() { return nanos(plan); }

    /** As {@link #planNanos} of the unoptimised graph. */
    long otherNanos() { return nanos(other); }

    private long nanos(Side s) { return s.calls == 0 ? 0 : manySizes ? s.nanos / s.calls : s.best; }
}
