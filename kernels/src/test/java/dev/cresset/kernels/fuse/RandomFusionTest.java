package dev.cresset.kernels.fuse;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.text.GraphPrinter;
import dev.cresset.ir.verify.Verifier;
import dev.cresset.tensor.Tensor;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random graphs compute the same after fusion. Seeded; the system property {@code fuse.random} sets how many. */
class RandomFusionTest {
    private static final int COUNT = Integer.getInteger("fuse.random", 1000);

    private final StaticRuns runs = new StaticRuns();

    @Test void bitForBitWithoutSums() { many(11, false, 0); }

    @Test void closelyWithSums() { many(12, true, 1e-9); }

    private void many(long seed, boolean sums, double tolerance) {
        int groups = 0;
        for (int i = 0; i < COUNT; i++) {
            Random random = new Random(seed * 1_000_003 + i);
            Graph graph = RandomGraphs.make(runs.catalog, random, sums);
            if (graph.outputs().isEmpty()) continue;
            groups += check(graph, random, tolerance, "seed " + seed + ", graph " + i);
        }
        assertTrue(groups > COUNT / 2, "only " + groups + " groups");
    }

    private int check(Graph graph, Random random, double tolerance, String which) {
        String where = which + "\n" + GraphPrinter.print(graph);
        try {
            Graph fused = new FuseGroups().form(graph).graph();
            where += GraphPrinter.print(fused);
            Verifier.verify(fused);
            Tensor[] in = StaticRuns.inputs(graph, random);
            Tensor[] want = runs.run(graph, in);
            Tensor[] got = runs.run(fused, in);
            for (int k = 0; k < want.length; k++) FuseGroupsTest.assertClose(want[k], got[k], tolerance, "result " + k + " of " + where);
            return (int) fused.nodes().stream().filter(n -> n.is(Kinds.FUSION_GROUP)).count();
        } catch (RuntimeException e) {
            throw new AssertionError(where, e);
        }
    }
}
