package dev.cresset.kernels.simplify;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.rewrite.PassContext;
import dev.cresset.ir.text.GraphPrinter;
import dev.cresset.ir.verify.Verifier;
import dev.cresset.kernels.statics.StaticRuns;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The graphs of the golden files compute the same before and after, bit for bit, also for special numbers. */
class SimplifyTensorsTest {
    private static final double[] SPECIAL = {0, -0.0, 1, -1, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1e-45,
        -3, 6, 3e38};

    private final StaticRuns runs = new StaticRuns();

    @TestFactory Stream<DynamicTest> goldenGraphs() throws IOException {
        Path here = Path.of("src/test/resources/golden/simplify-tensors");
        Path root = Files.isDirectory(here) ? here : Path.of("kernels").resolve(here);
        try (Stream<Path> files = Files.list(root)) {
            List<Path> all = files.sorted().toList();
            assertTrue(!all.isEmpty());
            return all.stream().map(f -> DynamicTest.dynamicTest(f.getFileName().toString(), () -> check(Files.readString(f))));
        }
    }

    @Test void groupNormIsSplitUpToRounding() {
        Graph graph = runs.graph("""
            graph(%x : Float(2, 6, 5, strides=[30, 5, 1], device=cpu), %b : Float(6, strides=[1], device=cpu)):
              %groups : int = prim::Constant[value=2]()
              %eps : float = prim::Constant[value=1e-05]()
              %true : bool = prim::Constant[value=1]()
              %none : NoneType = prim::Constant()
              %y : Tensor = aten::group_norm(%x, %groups, %none, %b, %eps, %true)
              %one : Tensor = aten::group_norm(%x, %groups, %none, %none, %eps, %true)
              return (%y, %one)
            """);
        Graph split = SimplifyTensors.forFusion(runs.catalog).run(graph, new PassContext(runs.catalog));
        assertTrue(split.nodes().stream().filter(n -> n.is("aten::group_norm")).count() == 1, GraphPrinter.print(split));
        Tensor[] in = StaticRuns.inputs(graph, new Random(4));
        Tensor[] want = runs.run(graph, in);
        Tensor[] got = runs.run(split, in);
        for (int i = 0; i < want.length; i++) StaticRuns.assertClose(want[i], got[i], 2e-6, GraphPrinter.print(split));
    }

    private void check(String golden) {
        Graph graph = runs.graph(golden.substring(0, golden.indexOf("\n----\n") + 1).replaceAll("(?m)^//.*$", ""));
        PassContext context = new PassContext(runs.catalog);
        Graph simple = SimplifyTensors.laws(runs.catalog).run(graph, context);
        Verifier.verify(simple);
        Tensor[] in = StaticRuns.inputs(graph, new Random(9));
        for (Tensor t : in) special(t);
        Tensor[] want = runs.run(graph, in);
        Tensor[] got = runs.run(simple, in);
        for (int i = 0; i < want.length; i++) {
            StaticRuns.assertClose(want[i], got[i], 0, GraphPrinter.print(simple));
            for (Tensor t : in) assertTrue(got[i].storage() != t.storage(), "a result is an input");
        }
    }

    private static void special(Tensor t) {
        if (!t.dtype().isFloating()) return;
        for (int i = 0; i < Math.min(SPECIAL.length, t.numel() / 2); i++) Elements.setDouble(t.data(), t.dtype(), i, SPECIAL[i]);
    }
}
