package dev.cresset.kernels.fuse;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.rewrite.PassContext;
import dev.cresset.ir.text.GraphPrinter;
import dev.cresset.ir.verify.Verifier;
import dev.cresset.kernels.cpu.jit.LoopCompiler;
import dev.cresset.kernels.simplify.SimplifyTensors;
import dev.cresset.kernels.statics.StaticRuns;
import dev.cresset.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random graphs compute the same after fusion. Seeded; the system property {@code fuse.random} sets how many. */
class RandomFusionTest {
    private static final int COUNT = Integer.getInteger("fuse.random", 700);

    private final StaticRuns runs = new StaticRuns();

    @Test void bitForBitWithoutSums() { many(11, false, false, 0); }

    @Test void afterSimplification() { many(13, false, true, 0); }

    @Test void closelyWithSums() { many(12, true, false, 1e-9); }

    /** Generated code computes what the interpreter says. */
    @Test void generatedKernels() {
        LoopCompiler compiler = new LoopCompiler();
        for (int i = 0; i < COUNT / 7; i++) {
            Random random = new Random(14L * 1_000_003 + i);
            boolean sums = i % 2 == 0;
            Graph fused = new FuseGroups().form(RandomGraphs.make(runs.catalog, random, sums)).graph();
            int threads = 1 + i % 2;
            for (Node n : fused.nodes()) {
                if (!n.is(Kinds.FUSION_GROUP)) continue;
                Tensor[] in = StaticRuns.inputs(n.subgraph().orElseThrow(), random);
                Tensor[] want = StaticRuns.group(n, in);
                Tensor[] got = StaticRuns.group(n, in, (nest, memory) ->
                    compiler.compile(nest).run(threads, memory.stream().mapToLong(MemorySegment::address).toArray()));
                for (int k = 0; k < want.length; k++) StaticRuns.assertClose(want[k], got[k], sums ? 1e-9 : 0, "graph " + i + GraphPrinter.print(fused));
            }
        }
    }

    private void many(long seed, boolean sums, boolean simplify, double tolerance) {
        int groups = 0;
        for (int i = 0; i < COUNT; i++) {
            Random random = new Random(seed * 1_000_003 + i);
            Graph graph = RandomGraphs.make(runs.catalog, random, sums);
            if (graph.outputs().isEmpty()) continue;
            groups += check(graph, random, simplify, tolerance, "seed " + seed + ", graph " + i);
        }
        assertTrue(groups > COUNT / 2, "only " + groups + " groups");
    }

    private int check(Graph graph, Random random, boolean simplify, double tolerance, String which) {
        String where = which + "\n" + GraphPrinter.print(graph);
        try {
            Graph fused = new FuseGroups().form(simplify ? simplified(graph) : graph).graph();
            where += GraphPrinter.print(fused);
            Verifier.verify(fused);
            Tensor[] in = StaticRuns.inputs(graph, random);
            Tensor[] want = runs.run(graph, in);
            Tensor[] got = runs.run(fused, in);
            for (int k = 0; k < want.length; k++) StaticRuns.assertClose(want[k], got[k], tolerance, "result " + k + " of " + where);
            return (int) fused.nodes().stream().filter(n -> n.is(Kinds.FUSION_GROUP)).count();
        } catch (RuntimeException e) {
            throw new AssertionError(where, e);
        }
    }

    private Graph simplified(Graph graph) {
        Graph simple = SimplifyTensors.laws(runs.catalog).run(graph, new PassContext(runs.catalog));
        Verifier.verify(simple);
        return simple;
    }
}
