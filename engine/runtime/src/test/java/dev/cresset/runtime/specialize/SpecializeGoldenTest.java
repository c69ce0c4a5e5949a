package dev.cresset.runtime.specialize;

import dev.cresset.ir.golden.GoldenTests;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.passes.EliminateDeadCode;
import dev.cresset.ir.rewrite.Pass;
import dev.cresset.ir.rewrite.PassContext;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.MetaExecution;
import dev.cresset.kernels.ops.Operators;
import dev.cresset.runtime.specialize.Specializer.Specialized;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Specialising for the types that a graph's inputs have, as text; and gathering what came out into static subgraphs. */
class SpecializeGoldenTest {
    private static final Catalog CATALOG = Operators.catalog();

    @TestFactory Stream<DynamicTest> goldenFiles() {
        Pass specialize = (graph, context) -> clean(specialized(graph).graph(), context);
        Pass gather = (graph, context) -> {
            Specialized s = specialized(graph);
            return clean(StaticRegions.form(clean(s.graph(), context), s.tensors(), CATALOG, null), context);
        };
        Pass oneSided = (graph, context) -> clean(specialized(graph, alwaysTrue(graph)).graph(), context);
        return GoldenTests.of("engine/runtime", Map.of("specialize", specialize, "specialize-one-sided", oneSided, "gather-static", gather),
            CATALOG);
    }

    private static Graph clean(Graph graph, PassContext context) { return new EliminateDeadCode().run(graph, context); }

    /** Conditions of the outermost ifs, as if a profile had seen nothing but true. */
    private static Map<Value, Boolean> alwaysTrue(Graph graph) {
        return graph.nodes().stream().filter(n -> n.is(Kinds.IF)).collect(Collectors.toMap(n -> n.input(0), _ -> true));
    }

    private static Specialized specialized(Graph graph) { return specialized(graph, Map.of()); }

    private static Specialized specialized(Graph graph, Map<Value, Boolean> oneSided) {
        List<Pattern> patterns = graph.inputs().stream().<Pattern>map(v -> v.type() instanceof TensorType t && t.isComplete()
            ? Pattern.OfTensor.of(t) : new Pattern.OfAny(false)).toList();
        return Specializer.specialize(graph, CATALOG, new MetaExecution(CATALOG), patterns, null, null, Set.of(), new GuardPlan(4, Set.of(), Set.of(), oneSided));
    }
}
