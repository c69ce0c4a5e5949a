package dev.cresset.kernels.plan;

import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;

/** Straight-line code over tensors made ready to run. Safe from any number of threads. */
public interface PreparedSubgraph {
    /**
     * Runs it.
     *
     * @param given    one for each input of the subgraph
     * @param observer is told of each step, or null
     * @return the results, in memory of the context's scope
     */
    Tensor[] run(CallContext context, Tensor[] given, StepObserver observer);
}
