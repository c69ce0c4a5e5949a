package dev.cresset.runtime.executor;

/**
 * Whether a plan is faster than the unoptimised graph on the calls it would serve. Both take turns on real calls until each
 * has run often enough; the faster one by its best time serves from then on. Safe from any number of threads, roughly: a
 * lost measurement only makes it longer.
 */
final class Trial {
    private static final int TURNS = 5;
    /** A plan in use is put on trial again when its calls take this much longer than in the trial it won. */
    private static final double SLOWER = 2;
    private static final int SLOW_CALLS = 200;

    private volatile long bestPlan = Long.MAX_VALUE, bestOther = Long.MAX_VALUE;
    private volatile int plans, others, slow;
    private volatile boolean decided, won;

    /** True if the plan is to run this call. */
    boolean planRuns() { return decided ? won : plans <= others; }

    boolean isDecided() { return decided; }

    boolean isWon() { return decided && won; }

    void planTook(long nanos) {
        if (decided) {
            watch(nanos);
            return;
        }
        bestPlan = Math.min(bestPlan, nanos);
        plans++;
        decide();
    }

    void otherTook(long nanos) {
        if (decided) return;
        bestOther = Math.min(bestOther, nanos);
        others++;
        decide();
    }

    private void decide() {
        if (plans < TURNS || others < TURNS) return;
        won = bestPlan < bestOther;
        decided = true;
    }

    private void watch(long nanos) {
        if (nanos <= SLOWER * bestOther) {
            slow = 0;
        } else if (++slow > SLOW_CALLS) {
            slow = 0;
            plans = 0;
            others = 0;
            bestPlan = Long.MAX_VALUE;
            bestOther = Long.MAX_VALUE;
            decided = false;
        }
    }

    /** Best times so far in nanoseconds: of the plan, of the unoptimised graph; Long.MAX_VALUE for none. */
    long bestPlan() { return bestPlan; }

    long bestOther() { return bestOther; }
}
