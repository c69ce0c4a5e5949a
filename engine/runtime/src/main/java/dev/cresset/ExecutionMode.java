package dev.cresset;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

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
    /** As {@link #OPTIMIZE}, with plans that take sizes as arguments only. */
    SYMBOLIC,
    /** As {@link #OPTIMIZE}, and runs the unoptimised graph beside each plan and compares. */
    SHADOW,
    /** As {@link #OPTIMIZE}, with guards that fail at random though what they check holds. */
    DEOPT;

    /** The mode of this name, in small letters. */
    public static Optional<ExecutionMode> named(String name) {
        return Arrays.stream(values()).filter(m -> m.toString().equals(name)).findFirst();
    }

    /** All names, for messages. */
    public static String names() { return Arrays.stream(values()).map(ExecutionMode::toString).collect(Collectors.joining(", ")); }

    @Override public String toString() { return name().toLowerCase(Locale.ROOT); }
}
