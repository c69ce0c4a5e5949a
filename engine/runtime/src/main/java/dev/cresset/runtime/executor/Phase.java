package dev.cresset.runtime.executor;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The forms that a function takes on the way from its graph to kernels, in order. */
public enum Phase {
    /** Calls inlined, cleaned up: the unoptimised graph. */
    INLINED(0),
    /** With a {@code prim::profile} on every tensor it uses. */
    PROFILING(0),
    /** The types that the recorded runs have left on the profiles. */
    PROFILED(1),
    /** Guards in place of the profiles. */
    GUARDED(1),
    /** Evaluated for the arguments of a plan: types proved, redundant guards gone, branches decided, loops unrolled. */
    SPECIALISED(2),
    /** Straight-line parts as static subgraphs, with fusion groups. */
    OPTIMIZED(2),
    /** The steps that these became, and where their memory lies. */
    PLAN(2),
    /** The kernels that were generated, with their code. */
    KERNELS(2);

    private final int needs;

    Phase(int needs) { this.needs = needs; }

    /** True if the function must have been profiled before there is something to see. */
    public boolean needsRuns() { return needs > 0; }

    /** True if a plan must have been made. */
    public boolean needsPlan() { return needs > 1; }

    /** The phase of this name, in small letters. */
    public static Optional<Phase> named(String name) { return Arrays.stream(values()).filter(p -> p.toString().equals(name)).findFirst(); }

    /** All names, for messages. */
    public static String names() { return Arrays.stream(values()).map(Phase::toString).collect(Collectors.joining(", ")); }

    @Override public String toString() { return name().toLowerCase(Locale.ROOT); }
}
