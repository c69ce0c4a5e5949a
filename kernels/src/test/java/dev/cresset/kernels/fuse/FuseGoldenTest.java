package dev.cresset.kernels.fuse;

import dev.cresset.ir.golden.GoldenTests;
import dev.cresset.ir.rewrite.Pass;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.ops.Operators;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Fusion on the graphs below {@code golden/}, with the real catalogue; types are inferred first. */
class FuseGoldenTest {
    @TestFactory Stream<DynamicTest> goldenFiles() {
        Catalog catalog = Operators.catalog();
        Map<String, Pass> passes = new LinkedHashMap<>();
        passes.put("infer-types", new InferTypes(catalog));
        passes.put("fuse-groups", new FuseGroups());
        return GoldenTests.of("kernels", passes, catalog);
    }
}
