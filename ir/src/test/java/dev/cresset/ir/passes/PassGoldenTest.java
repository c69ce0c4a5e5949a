package dev.cresset.ir.passes;

import dev.cresset.ir.golden.GoldenTests;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.rewrite.Pass;
import dev.cresset.ir.schema.TestOperators;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Each pass on the graphs below {@code golden/}. */
class PassGoldenTest {
    @TestFactory Stream<DynamicTest> goldenFiles() {
        Map<String, Pass> passes = new LinkedHashMap<>(Pipelines.passes(PassGoldenTest::evaluate));
        passes.put("inline-at-most-3", new Inline(3));
        return GoldenTests.of("ir", passes, TestOperators.common());
    }

    /** A few operators, computed here: the real evaluator is the runtime's. */
    private static Optional<List<Object>> evaluate(Node node, List<Object> in) {
        Object result = switch (node.operator() == null ? node.kind() : node.operator().schema().qualifiedName()) {
            case "aten::add.int" -> (Long) in.get(0) + (Long) in.get(1);
            case "aten::mul.int" -> (Long) in.get(0) * (Long) in.get(1);
            case "aten::lt.int" -> (Long) in.get(0) < (Long) in.get(1);
            case "aten::__not__" -> !(Boolean) in.get(0);
            case "aten::Float.Scalar" -> (double) (Long) in.get(0);
            case "prim::TupleConstruct" -> in;
            default -> null;
        };
        return Optional.ofNullable(result).map(List::of);
    }
}
