package dev.cresset.kernels.statics;

import dev.cresset.ir.golden.GoldenTests;
import dev.cresset.ir.passes.EliminateDeadCode;
import dev.cresset.ir.rewrite.Pass;
import dev.cresset.kernels.fuse.FuseGroups;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.ops.Operators;
import dev.cresset.kernels.plan.Target;
import dev.cresset.kernels.plan.Workshop;
import dev.cresset.kernels.plan.passes.FormAttention;
import dev.cresset.kernels.plan.passes.FormLibraryGroups;
import dev.cresset.kernels.plan.passes.JoinProducts;
import dev.cresset.kernels.simplify.SimplifyTensors;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Passes over static subgraphs on the graphs below {@code golden/}, with the real catalogue; types are inferred first. */
class StaticGoldenTest {
    @TestFactory Stream<DynamicTest> goldenFiles() {
        Catalog catalog = Operators.catalog();
        Map<String, Pass> passes = new LinkedHashMap<>();
        passes.put("infer-types", new InferTypes(catalog));
        passes.put("simplify-tensors", SimplifyTensors.laws(catalog));
        passes.put("split-group-norm", SimplifyTensors.forFusion(catalog));
        passes.put("eliminate-dead-code", new EliminateDeadCode());
        passes.put("fuse-groups", new FuseGroups());
        passes.put("form-attention", new FormAttention(catalog));
        passes.put("join-products-for-any-sizes", JoinProducts.forAnySizes(new Workshop(catalog, Target.host(1))));
        passes.put("form-library-groups-for-any-sizes", FormLibraryGroups.forAnySizes());
        return GoldenTests.of("kernels", passes, catalog);
    }
}
