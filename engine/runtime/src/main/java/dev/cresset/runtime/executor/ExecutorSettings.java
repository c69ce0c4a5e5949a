package dev.cresset.runtime.executor;

import dev.cresset.ExecutionMode;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How functions are executed.
 *
 * @param profileRuns  how many runs of a function are recorded before it is specialised
 * @param planBytes    bytes outside the heap that the plans of one function may hold
 * @param purpose      the state of the random numbers by which guards fail on purpose
 */
public record ExecutorSettings(ExecutionMode mode, int profileRuns, long planBytes, AtomicLong purpose) {
    public ExecutorSettings(ExecutionMode mode, int profileRuns, long planBytes) {
        this(mode, profileRuns, planBytes, new AtomicLong(1));
    }

    /** Why no plans are made; empty if they are. */
    Optional<String> withoutPlansBecause() {
        return mode == ExecutionMode.INTERPRET ? Optional.of("the mode says so") : Optional.empty();
    }

    /** True if plans are made in the call that wants them, and are used whether they are faster or not. */
    boolean isSynchronous() {
        return switch (mode) {
            case OPTIMIZE, SYMBOLIC, SHADOW, DEOPT -> true;
            case DEFAULT, INTERPRET, PROFILE -> false;
        };
    }

    /** Whether a guard that holds is to fail now: half of them at random, the same ones each time. */
    boolean failsOnPurpose() {
        if (mode != ExecutionMode.DEOPT) return false;
        long z = purpose.addAndGet(0x9E3779B97F4A7C15L);
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return (z >>> 40 & 1) == 0;
    }
}
