package dev.cresset.kernels.plan;

import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;
import java.util.List;

/** How the steps of a plan are run where it runs. Safe from any number of threads. */
interface Running extends AutoCloseable {
    /** As {@link PreparedSubgraph#run}. */
    Tensor[] run(CallContext context, Tensor[] given, StepObserver observer);

    /** Makes it fast, see {@link StaticPlan#warm}. */
    void warm();

    boolean isWarm();

    /** Bytes of the memory in which steps work, of all runs that can go on at once. */
    long bytes();

    /** See {@link StaticPlan#reports}. */
    default List<StepReport> reports() { return List.of(); }

    /** What people should know of how it is run; empty if nothing. */
    default String text() { return ""; }

    /** No run may be going on. */
    @Override void close();
}
