package dev.cresset.runtime.executor;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.SourceRange;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.passes.EliminateCommonSubexpressions;
import dev.cresset.ir.passes.EliminateDeadCode;
import dev.cresset.ir.rewrite.NamedPass;
import dev.cresset.ir.rewrite.Pipeline;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.verify.Verifier;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.MetaExecution;
import dev.cresset.kernels.plan.PreparedSubgraph;
import dev.cresset.kernels.plan.StaticPlan;
import dev.cresset.kernels.plan.SymbolicCode;
import dev.cresset.kernels.plan.SymbolicPart;
import dev.cresset.kernels.plan.Target;
import dev.cresset.kernels.plan.Workshop;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.runtime.interpreter.Code;
import dev.cresset.runtime.interpreter.Extensions;
import dev.cresset.runtime.interpreter.Interpreter;
import dev.cresset.runtime.specialize.GuardPlan;
import dev.cresset.runtime.specialize.Pattern;
import dev.cresset.runtime.specialize.Specializer;
import dev.cresset.runtime.specialize.Specializer.Specialized;
import dev.cresset.runtime.specialize.StaticRegions;
import dev.cresset.runtime.specialize.SymbolicRegions;
import dev.cresset.runtime.specialize.Unspecialisable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/** Makes plans from profiled graphs: specialise, clean up, gather static subgraphs, compile. Takes milliseconds to seconds. */
final class PlanMaker {
    private static final Pipeline CLEAN = new Pipeline("clean-specialised", List.of(
        new NamedPass("eliminate-common-subexpressions", new EliminateCommonSubexpressions()),
        new NamedPass("eliminate-dead-code", new EliminateDeadCode())));

    private final Catalog catalog;
    private final Interpreter interpreter;
    private final MetaExecution meta;
    private final Target target;
    private final Predicate<Runnable> background;

    /** @param background has kernels of plans for any sizes generated; null to do it where they are needed */
    PlanMaker(Catalog catalog, Interpreter interpreter, Target target, Predicate<Runnable> background) {
        this.catalog = catalog;
        this.interpreter = interpreter;
        this.meta = new MetaExecution(catalog, target instanceof Target.Cuda c ? c.device().device() : null);
        this.target = target;
        this.background = background;
    }

    /**
     * What a plan is made for.
     *
     * @param guarded  the prepared graph with guards from its profile
     * @param self     the module instance whose attributes are read, or null
     * @param prototype the module as loaded
     * @param sample   for a plan for arguments of any sizes, what some arguments are; null for a plan for one kind
     * @param changing places of attributes that may not be taken for constant
     * @param check    decides a guard within the graph, given the guard and the value
     */
    record Request(String name, Graph guarded, List<Pattern> patterns, List<Pattern> sample, long key, ScriptObject self, ScriptObject prototype,
        Set<List<Integer>> changing,
        GuardPlan guards, BiPredicate<Guard, Object> check) {}

    /** A guard within a plan. @param node of the guarded graph, the same for all plans */
    record Guard(Node node, Pattern pattern) {
        /** How people call the guarded value; one without a name by where it comes from. */
        String name() { return nameOf(node.input(0), node); }
    }

    /** As graphs name it if the program did, else by the line that uses it. */
    static String nameOf(Value guarded, Node user) {
        if (!guarded.hint().isEmpty()) return "%" + guarded.hint();
        SourceRange range = user.location().range();
        return range == null ? "a value" : "a value used in " + range.original().orElse(range).place();
    }

    /** @throws Unspecialisable saying why there can be no plan */
    Plan make(Request request) {
        Specialized s = Specializer.specialize(request.guarded, catalog, meta, request.patterns, request.self, request.prototype, request.changing, request.guards);
        Graph clean = CLEAN.run(s.graph(), catalog);
        Graph gathered = CLEAN.run(StaticRegions.form(clean, s.tensors(), catalog, target instanceof Target.Cuda c ? c.device().device() : null), catalog);
        List<PlanText.Part> parts = new ArrayList<>();
        List<PlanText.Group> groups = new ArrayList<>();
        SymbolicCode symbolic = new SymbolicCode(catalog, target, background);
        try {
            if (request.sample != null) gathered = symbolic(gathered, request, symbolic);
            Verifier.verify(gathered);
            Code code = interpreter.code(request.name, gathered, extensions(request, s.checks(), parts, groups, symbolic));
            return new Plan(request.name, code, s.patterns(), request.key, s.states(), s.frozen(), request.sample != null, symbolic,
                new PlanText(request.guarded, clean, gathered, parts, groups));
        } catch (RuntimeException | Error e) {
            parts.forEach(p -> p.plan().close());
            symbolic.close();
            throw e;
        }
    }

    private Graph symbolic(Graph graph, Request request, SymbolicCode code) {
        try (Workshop workshop = new Workshop(catalog, target)) {
            Graph formed = SymbolicRegions.form(graph, request.sample, request.self, meta, workshop);
            code.own(workshop);
            if (formed.equals(graph)) throw new Unspecialisable("nothing in it can be fused");
            return CLEAN.run(formed, catalog);
        }
    }

    private Extensions extensions(Request request, Map<Value, Node> checks, List<PlanText.Part> parts,
        List<PlanText.Group> groups, SymbolicCode symbolic) {
        return new Extensions() {
            @Override public PreparedSubgraph plan(Node subgraph) {
                if (!subgraph.is(Kinds.STATIC_SUBGRAPH)) return group(subgraph);
                PlanEvents.Compile event = PlanEvents.compiling();
                StaticPlan plan = StaticPlan.compile(subgraph.subgraph().orElseThrow(), catalog, target);
                PlanEvents.compiled(event, request.name, plan);
                parts.add(new PlanText.Part(subgraph, plan));
                return plan;
            }

            private SymbolicPart group(Node node) {
                SymbolicPart group = symbolic.part(node);
                groups.add(new PlanText.Group(node, group));
                return group;
            }

            @Override public Predicate<Object> check(Node check) {
                Pattern expected = check.attribute("type") instanceof TensorType t ? Pattern.OfTensor.of(t)
                    : new Pattern.OfConstant(check.attribute("value"));
                Guard guard = new Guard(checks.get(check.output()), expected);
                return value -> request.check.test(guard, value);
            }
        };
    }
}
