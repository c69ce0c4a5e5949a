package dev.cresset.kernels.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.PassContext;
import dev.cresset.kernels.cpu.onednn.OneDnnLibrary;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.plan.passes.FormLibraryGroups;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Products of two tensors of the run in plans for any sizes. */
class SymbolicMatmulTest {
    private final Trace t = new Trace(23);
    private final MemoryPool pool = new MemoryPool(1 << 20);
    private final CallContext context = Trace.context(pool, 2);

    @BeforeEach void library() { assumeTrue(OneDnnLibrary.isAvailable(), "oneDNN is not here"); }

    private Node group(Value result) {
        Graph formed = FormLibraryGroups.forAnySizes().run(t.graph(result), new PassContext(Trace.OPS));
        return formed.nodes().stream().filter(n -> n.is(Kinds.LIBRARY_GROUP)).findFirst().orElseThrow();
    }

    private void check(SymbolicPart part, Node group, String label, Tensor a, Tensor b) {
        List<String> labels = new ArrayList<>();
        Tensor got = part.run(context, new Tensor[] {a, b}, (what, _, _) -> labels.add(what))[0];
        Tensor want = Trace.run(group.subgraph().orElseThrow(), context, new Tensor[] {a, b})[0];
        assertEquals(List.of(label), labels);
        assertArrayEquals(want.sizes(), got.sizes());
        assertArrayEquals(want.toFloatArray(), got.toFloatArray(), 1e-4f);
    }

    @Test void attentionOfAnyBatchAndLength() {
        Node group = group(t.op("matmul", t.input(2, 4, 5, 3), t.input(2, 4, 3, 5)));
        try (SymbolicCode code = new SymbolicCode(Trace.OPS, Target.host(2), null)) {
            SymbolicPart part = code.part(group);
            for (int[] size : new int[][] {{2, 5}, {1, 5}, {2, 1}, {1, 1}, {3, 60}, {7, 33}}) {
                // heads of slices of one wide product, as joined products give them
                Tensor x = t.random(size[0], size[1], 3, 4, 16);
                Tensor q = Views.permute(Views.select(x, 2, 0), 0, 2, 1, 3), k = Views.permute(Views.select(x, 2, 1), 0, 2, 3, 1);
                check(part, group, "product matmul", q, k);
            }
        }
        context.scope().close();
        assertEquals(0, pool.liveBlocks());
    }

    @Test void whatTheLibraryDoesNotTakeIsTheOperators() {
        Node group = group(t.op("matmul", t.input(2, 4, 5, 3), t.input(2, 4, 3, 5)));
        try (SymbolicCode code = new SymbolicCode(Trace.OPS, Target.host(2), null)) {
            SymbolicPart part = code.part(group);
            String label = "product matmul (one by one)";
            check(part, group, label, t.random(2, 4, 5, 3), t.random(1, 4, 3, 6));
            check(part, group, label, t.random(2, 4, 5, 3), t.random(3, 6));
            check(part, group, label, t.random(3), t.random(3));
            check(part, group, label, Tensor.of(new float[0], 2, 0, 3), t.random(2, 3, 6));
            assertThrows(ScriptError.class, () -> part.run(context, new Tensor[] {t.random(2, 3), t.random(4, 5)}, null));
        }
    }

    @Test void bmmTakesThreeDimensions() {
        Node group = group(t.op("bmm", t.input(2, 5, 3), t.input(2, 3, 5)));
        try (SymbolicCode code = new SymbolicCode(Trace.OPS, Target.host(2), null)) {
            SymbolicPart part = code.part(group);
            check(part, group, "product bmm", t.random(9, 5, 30), t.random(9, 30, 1));
            assertThrows(ScriptError.class, () -> part.run(context, new Tensor[] {t.random(2, 3), t.random(3, 5)}, null));
        }
    }
}
