package dev.cresset.runtime.executor;

import dev.cresset.Explanation;
import dev.cresset.Explanation.State;
import dev.cresset.Explanation.Verdict;
import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.plan.PlanSummary;
import dev.cresset.kernels.plan.StaticPlan;
import dev.cresset.runtime.specialize.Pattern;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Says what a function is run by: its part of an {@link Explanation}. */
final class FunctionReport {
    private FunctionReport() {}

    static Explanation.Function of(FunctionExecutor f) {
        List<Explanation.Plan> plans = f.plans().stream().map(p -> plan(p, f.settings())).toList();
        List<Explanation.GuardFailure> failures = new ArrayList<>();
        f.failures().counts().forEach((sentence, n) -> failures.add(new Explanation.GuardFailure(sentence, n)));
        return new Explanation.Function(f.plain().name(), state(f), f.hopeless().orElse(""), f.planCalls(), f.plainCalls(), f.plansMade(), plans, failures);
    }

    private static State state(FunctionExecutor f) {
        if (f.hopeless().isPresent()) return State.UNOPTIMISED;
        return f.isProfiling() ? State.PROFILING : State.PLANS;
    }

    private static Explanation.Plan plan(Plan p, ExecutorSettings settings) {
        List<String> arguments = new ArrayList<>(), states = new ArrayList<>(), guards = new ArrayList<>();
        for (int i = 0; i < p.patterns().size(); i++) {
            Pattern pattern = p.patterns().get(i);
            if (!(pattern instanceof Pattern.OfModule)) arguments.add(p.code().graph().inputs().get(i).hint() + ": " + pattern.expected());
        }
        p.states().forEach((place, pattern) -> states.add("self." + place.name() + ": " + pattern.expected()));
        Map<String, Integer> outside = new LinkedHashMap<>();
        collect(p.code().graph().body(), guards, outside);
        List<Explanation.Operators> left = new ArrayList<>();
        outside.forEach((kind, n) -> left.add(new Explanation.Operators(kind, n)));
        return new Explanation.Plan(p.name(), arguments, states, p.frozen().size(), guards,
            p.subgraphs().stream().map(StaticPlan::summary).toList(),
            p.text().groups().stream().map(g -> PlanSummary.group(g.node())).toList(), left, p.nativeBytes(), trial(p.trial, settings));
    }

    /** Finds guards within the graph, and operators outside of static subgraphs. */
    private static void collect(Block block, List<String> guards, Map<String, Integer> outside) {
        for (Node n : block.nodes()) {
            if (n.is(Kinds.TYPE_CHECK)) guards.add(PlanMaker.nameOf(n.input(0), n) + ": " + Pattern.OfTensor.of((TensorType) n.attribute("type")).expected());
            if (n.operator() != null) outside.merge(n.kind(), 1, Integer::sum);
            n.blocks().forEach(b -> collect(b, guards, outside));
        }
    }

    private static Explanation.Trial trial(Trial t, ExecutorSettings settings) {
        Verdict verdict = settings.isSynchronous() ? Verdict.NONE : !t.isDecided() ? Verdict.UNDECIDED : t.isWon() ? Verdict.WON : Verdict.LOST;
        return new Explanation.Trial(verdict, t.planNanos(), t.otherNanos());
    }
}
