package dev.cresset.kernels.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
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
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Products with constant matrices in plans for any sizes. */
class SymbolicProductTest {
    private final Trace t = new Trace(21);

    @BeforeEach void library() { assumeTrue(OneDnnLibrary.isAvailable(), "oneDNN is not here"); }

    private Node group(Value result) {
        Graph formed = FormLibraryGroups.forAnySizes().run(t.graph(result), new PassContext(Trace.OPS));
        List<Node> groups = formed.nodes().stream().filter(n -> n.is(Kinds.LIBRARY_GROUP)).toList();
        assertEquals(1, groups.size(), formed.toString());
        return groups.getFirst();
    }

    /** Runs the group of a result on other inputs, and its operators one by one. */
    private void check(Value result, String label, Tensor... inputs) {
        Node group = group(result);
        MemoryPool pool = new MemoryPool(1 << 20);
        CallContext context = Trace.context(pool, 2);
        try (SymbolicCode code = new SymbolicCode(Trace.OPS, Target.host(2), null)) {
            SymbolicPart part = code.part(group);
            assertTrue(part.isWarm());
            assertFalse(part.isRefused());
            assertTrue(code.nativeBytes() > 0);
            for (Tensor x : inputs) {
                List<String> labels = new ArrayList<>();
                Tensor got = part.run(context, new Tensor[] {x}, (what, _, _) -> labels.add(what))[0];
                Tensor want = Trace.run(group.subgraph().orElseThrow(), context, new Tensor[] {x})[0];
                assertEquals(List.of(label), labels);
                assertArrayEquals(want.sizes(), got.sizes());
                assertArrayEquals(want.toFloatArray(), got.toFloatArray(), 1e-4f);
            }
        }
        context.scope().close();
        assertEquals(0, pool.liveBlocks());
    }

    @Test void linearMapsOfAnyRowsAndRanks() {
        Value y = t.op("gelu", t.op("linear", t.input(3, 6), t.weight(10, 6), t.weight(10)));
        check(y, "product linear gelu", t.random(1, 6), t.random(200, 6), t.random(6), t.random(2, 3, 4, 6), t.random(3, 6), t.random(7, 1, 6));
    }

    @Test void numbersAreApplied() {
        Value y = t.op("linear", t.input(3, 6), t.weight(10, 6), null);
        y = t.op("relu", t.op("sub.Scalar", t.op("div.Scalar", t.op("mul.Scalar", y, 3), 2.0), 0.25, 1));
        check(y, "product linear mul div sub relu", t.random(11, 6), t.random(1, 1, 6));
    }

    @Test void matricesThatAreNotTransposed() {
        check(t.op("mm", t.input(3, 6), t.weight(6, 5)), "product mm", t.random(40, 6), t.random(1, 6));
    }

    @Test void batchesTimesOneMatrix() {
        check(t.op("tanh", t.op("matmul", t.input(2, 3, 6), t.weight(6, 5))), "product matmul tanh", t.random(4, 9, 6), t.random(6));
    }

    @Test void inputsThatLieInAnotherOrder() {
        Value y = t.op("linear", t.input(3, 6), t.weight(10, 6), t.weight(10));
        Tensor whole = t.random(6, 8);
        check(y, "product linear", whole.view(new long[] {8, 6}, new long[] {1, 8}), whole.view(new long[] {5, 6}, new long[] {8, 1}, 2),
            t.random(6).view(new long[] {4, 6}, new long[] {0, 1}));
    }

    @Test void noRowsRunOneByOne() {
        check(t.op("linear", t.input(3, 6), t.weight(10, 6), t.weight(10)), "product linear (one by one)", Tensor.of(new float[0], 0, 6));
    }

    @Test void errorsAreTheOperators() {
        Node group = group(t.op("mm", t.input(3, 6), t.weight(6, 5)));
        CallContext context = Trace.context(new MemoryPool(1 << 20), 1);
        try (SymbolicCode code = new SymbolicCode(Trace.OPS, Target.host(1), null)) {
            SymbolicPart part = code.part(group);
            ScriptError e = assertThrows(ScriptError.class, () -> part.run(context, new Tensor[] {t.random(2, 7)}, null));
            assertTrue(e.getMessage().contains("mat1 and mat2 shapes cannot be multiplied (2x7 and 6x5)"), e.getMessage());
            assertThrows(ScriptError.class, () -> part.run(context, new Tensor[] {t.random(2, 2, 6)}, null), "mm of three dimensions");
        }
    }
}
