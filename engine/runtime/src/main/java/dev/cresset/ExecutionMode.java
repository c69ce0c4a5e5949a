package dev.cresset;

/** How an engine runs programs. All but {@link #DEFAULT} and {@link #INTERPRET} are for tests and measurements. */
public enum ExecutionMode {
    /** What users get: unoptimised at first, profiled, specialised in the background; plans that measured faster serve. */
    DEFAULT,
    /** Always the unoptimised graph. */
    INTERPRET,
    /** Always the profiling graph: records what it sees, specialises nothing. */
    PROFILE,
    /** Specialises in the call that has seen enough, waits for it, and uses plans whether they measured faster or not. */
    OPTIMIZE,
    /** As {@link #OPTIMIZE}, and runs the unoptimised graph beside each plan and compares. */
    SHADOW,
    /** As {@link #OPTIMIZE}, with guards that fail at random though what they check holds. */
    DEOPT
}
