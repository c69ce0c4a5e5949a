package dev.cresset.ir.passes;

import dev.cresset.ir.golden.GoldenTests;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.rewrite.Pass;
import dev.cresset.ir.schema.TestOperators;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Each pass on the graphs below {@code golden/}. */
class PassGoldenTest {
    private static final Map<String, Pass> PASSES = Map.of(
        "inline", new Inline(),
        "inline-at-most-3", new Inline(3),
        "eliminate-dead-code", new EliminateDeadCode(),
        "eliminate-common-subexpressions", new EliminateCommonSubexpressions(),
        "propagate-constants", new PropagateConstants(PassGoldenTest::evaluate),
        "peephole", new Peephole());

    @TestFactory Stream<DynamicTest> goldenFiles() { return GoldenTests.of("ir", PASSES, TestOperators.common()); }

    /** A few operators, computed here: the real evaluator is the runtime's. */
    private static Optional<List<Object>> evaluate(Node node, List<Object> in) {
        Object result = switch (node.operator() == null ? node.kind() : node.operator().schema().qualifiedName()) {
            case "aten::add.int" -> (Long) in.get(0) + (Long) in.get(1);
            case "aten::mul.int" -> (Long) in.get(0) * (Long) in.get(1);
            case "aten::lt.int" -> (Long) in.get(0) < (Long) in.get(1);
            case "aten::__not__" -> !(Boolean) in.get(0);
            case "aten::Float.int" -> (double) (Long) in.get(0);
            case "prim::TupleConstruct" -> in;
            default -> null;
        };
        return Optional.ofNullable(result).map(List::of);
    }
}
