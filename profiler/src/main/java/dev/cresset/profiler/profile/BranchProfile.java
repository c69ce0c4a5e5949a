package dev.cresset.profiler.profile;

import java.util.concurrent.atomic.LongAdder;

/** How often an if went either way, or how often a loop ran and how many rounds. Safe from any number of threads. */
public final class BranchProfile {
    private final LongAdder taken = new LongAdder();
    private final LongAdder passed = new LongAdder();

    /** An if whose condition held, or a round of a loop. */
    public void take() { taken.increment(); }

    /** An if whose condition did not hold, or the end of a loop. */
    public void pass() { passed.increment(); }

    public long taken() { return taken.sum(); }

    public long passed() { return passed.sum(); }
}
