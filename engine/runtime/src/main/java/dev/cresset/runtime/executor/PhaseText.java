package dev.cresset.runtime.executor;

import dev.cresset.ir.diag.CressetException;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.text.GraphPrinter;
import dev.cresset.kernels.plan.StaticPlan;
import dev.cresset.kernels.plan.SymbolicPart;
import java.util.List;
import java.util.function.Function;

/** Prints a function as it is after a {@link Phase}. */
public final class PhaseText {
    private final FunctionExecutor function;
    private final GraphPrinter printer;

    /** @param printer for the phases that are graphs */
    public PhaseText(FunctionExecutor function, GraphPrinter printer) {
        this.function = function;
        this.printer = printer;
    }

    /** @throws CressetException saying why there is nothing to see: too few runs, or no plan */
    public String of(Phase phase) {
        if (phase.needsRuns() && function.isProfiling()) {
            throw new CressetException("phase '" + phase + "' is there after " + function.settings().profileRuns() + " recorded runs of "
                + function.plain().name());
        }
        return switch (phase) {
            case INLINED -> graph(function.plain().graph());
            case PROFILING -> graph(function.profile().graph());
            case PROFILED -> graph(function.profile().profiled());
            case GUARDED -> graph(function.guardedForPeople());
            case SPECIALISED -> graph(plan(phase).specialised());
            case OPTIMIZED -> graph(plan(phase).optimized());
            case PLAN -> parts(phase, StaticPlan::text, g -> "");
            case KERNELS -> parts(phase, StaticPlan::kernelText, SymbolicPart::kernelText);
        };
    }

    /** The plans of the static subgraphs. @throws CressetException if there is no plan yet */
    public List<StaticPlan> plans() { return plan(Phase.KERNELS).parts().stream().map(PlanText.Part::plan).toList(); }

    private String graph(Graph graph) { return printer.text(graph); }

    private PlanText plan(Phase phase) {
        List<Plan> plans = function.plans();
        if (!plans.isEmpty()) return plans.getFirst().text();
        throw new CressetException("phase '" + phase + "' is not there: " + function.plain().name() + " has no plan"
            + function.hopeless().map(reason -> ", because " + reason).orElse(" yet"));
    }

    private String parts(Phase phase, Function<StaticPlan, String> text, Function<SymbolicPart, String> groupText) {
        List<PlanText.Part> parts = plan(phase).parts();
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < parts.size(); i++) {
            out.append("prim::StaticSubgraph_").append(i).append(":\n").append(text.apply(parts.get(i).plan()));
        }
        plan(phase).groups().forEach(g -> out.append(groupText.apply(g.code())));
        return out.isEmpty() ? "no static subgraphs: operators run one by one\n" : out.toString();
    }
}
