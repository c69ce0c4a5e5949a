package dev.cresset;

import dev.cresset.kernels.plan.PlanSummary;
import java.util.ArrayList;
import java.util.List;

/**
 * What a program's methods are run by, and why: the plans there are and what they rely on, what is fused and what is not,
 * which guards failed. A picture of the moment when it was asked for.
 *
 * @param functions the methods that have been called, by name
 */
public record Explanation(ExecutionMode mode, List<Function> functions) {
    public Explanation { functions = List.copyOf(functions); }

    /** How a method is run at the moment. */
    public enum State {
        /** Calls are recorded, to learn what to specialise for. */
        PROFILING,
        /** By the unoptimised graph, for good. */
        UNOPTIMISED,
        /** By a plan where one fits and has proved faster, else by the unoptimised graph. */
        PLANS
    }

    /**
     * One method.
     *
     * @param name             qualified by its class
     * @param reason           why it stays unoptimised; empty otherwise
     * @param callsByPlans     calls that a plan answered
     * @param callsUnoptimised calls that the unoptimised graph answered, those that were recorded among them
     * @param plansMade        how many plans have been made so far, those dropped since among them
     * @param plans            the plans there are, the most recent first
     * @param guardFailures    why plans did not fit, the latest last
     */
    public record Function(String name, State state, String reason, long callsByPlans, long callsUnoptimised, int plansMade,
                           List<Plan> plans, List<GuardFailure> guardFailures) {
        public Function {
            plans = List.copyOf(plans);
            guardFailures = List.copyOf(guardFailures);
        }
    }

    /**
     * One plan.
     *
     * @param arguments          what each argument must be, as {@code x: Float(8, 10, device=cpu)}
     * @param states             what attributes that change must be, as {@code self.hidden: Float(1, 64, device=cpu)}
     * @param constantAttributes how many attributes it takes for constant: they must be what they were when it was made
     * @param guards             guards within its graph, each as {@code %y: Float(…)}
     * @param subgraphs          its straight-line parts of known shapes
     * @param groups             groups of operators on tensors of any sizes that one kernel computes; what they save is for the
     *                           sizes that they were made at
     * @param otherOperators     operators that run one by one, outside of these parts
     * @param nativeBytes        memory outside the heap, in bytes
     */
    public record Plan(String name, List<String> arguments, List<String> states, int constantAttributes, List<String> guards,
                       List<PlanSummary> subgraphs, List<PlanSummary.Group> groups, List<Operators> otherOperators, long nativeBytes, Trial trial) {
        public Plan {
            arguments = List.copyOf(arguments);
            states = List.copyOf(states);
            guards = List.copyOf(guards);
            subgraphs = List.copyOf(subgraphs);
            groups = List.copyOf(groups);
            otherOperators = List.copyOf(otherOperators);
        }

        /** What is checked before it runs, beside the attributes that are taken for constant. */
        public List<String> entryGuards() {
            List<String> all = new ArrayList<>(arguments);
            all.addAll(states);
            return all;
        }

        /** Bytes of intermediate tensors that are never written, because what makes and what reads them became one. */
        public long savedBytes() { return subgraphs.stream().mapToLong(PlanSummary::savedBytes).sum() + groups.stream().mapToLong(PlanSummary.Group::savedBytes).sum(); }
    }

    /** Operators of one kind. */
    public record Operators(String operator, int count) {}

    /** What became of a plan's comparison with the unoptimised graph on real calls. */
    public enum Verdict {
        /** The plan was faster and serves. */
        WON,
        /** The unoptimised graph was faster and serves. */
        LOST,
        /** Both still take turns. */
        UNDECIDED,
        /** Plans of this mode serve without having to be faster. */
        NONE
    }

    /** The comparison. Times of a call in nanoseconds, the best for a plan of one size, else the average; 0 if there was none. */
    public record Trial(Verdict verdict, long planNanos, long unoptimisedNanos) {}

    /** Why a plan did not fit. @param sentence {@code %x: expected Float(8, 10, device=cpu), got Float(9, 10, device=cpu)} */
    public record GuardFailure(String sentence, long count) {}

    /** All of it, to be read. */
    public String text() { return ExplanationText.of(this); }
}
