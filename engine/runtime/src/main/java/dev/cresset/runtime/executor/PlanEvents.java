package dev.cresset.runtime.executor;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** What the executor tells Java Flight Recorder. */
final class PlanEvents {
    private PlanEvents() {}

    /** A plan was made and warmed. */
    @Name("cresset.Specialize") @Label("Specialize") @Category("Cresset") @StackTrace(false)
    static final class Specialize extends Event {
        @Label("Function") String function;
        @Label("Plan") String plan;
        @Label("Duration") @Timespan(Timespan.NANOSECONDS) long nanos;
        @Label("Bytes outside the heap") long bytes;
    }

    /** A guard failed: the unoptimised graph answers. */
    @Name("cresset.GuardFailure") @Label("Guard Failure") @Category("Cresset") @StackTrace(false)
    static final class GuardFailure extends Event {
        @Label("Function") String function;
        @Label("Reason") @Description("What was expected, and what came") String reason;
    }

    /** A plan made room for another. */
    @Name("cresset.Eviction") @Label("Plan Eviction") @Category("Cresset") @StackTrace(false)
    static final class Eviction extends Event {
        @Label("Function") String function;
        @Label("Plan") String plan;
    }

    static void specialised(String function, Plan plan, long nanos) {
        Specialize e = new Specialize();
        if (!e.isEnabled()) return;
        e.function = function;
        e.plan = plan.name();
        e.nanos = nanos;
        e.bytes = plan.nativeBytes();
        e.commit();
    }

    static void guardFailed(String function, String reason) {
        GuardFailure e = new GuardFailure();
        if (!e.isEnabled()) return;
        e.function = function;
        e.reason = reason;
        e.commit();
    }

    static void evicted(String function, Plan plan) {
        Eviction e = new Eviction();
        if (!e.isEnabled()) return;
        e.function = function;
        e.plan = plan.name();
        e.commit();
    }
}
