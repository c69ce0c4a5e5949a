package dev.cresset.runtime.executor;

import dev.cresset.ir.graph.Graph;
import dev.cresset.kernels.plan.StaticPlan;
import java.util.List;

/** What a plan looks like on the way to it, for people. */
record PlanText(Graph guarded, Graph specialised, Graph optimized, List<StaticPlan> subgraphs) {}
