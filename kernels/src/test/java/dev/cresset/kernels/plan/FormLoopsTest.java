package dev.cresset.kernels.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.PassContext;
import dev.cresset.ir.verify.Verifier;
import dev.cresset.kernels.fuse.FuseGroups;
import dev.cresset.kernels.plan.passes.FormLoops;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Which repetitions of fusion groups become a loop. */
class FormLoopsTest {
    private final Trace t = new Trace(5);
    private final Tensor w = t.weight(6, 6);

    private Value cell(Value x, Value h) { return t.op("tanh", t.op("add.Tensor", x, t.op("linear", h, w), 1)); }

    /** The states after each step of a cell whose input is the sequence's next row. */
    private List<Value> states(int steps, UnaryOperator<Value> between) {
        Value x = t.input(steps, 1, 6), h = t.input(1, 6);
        List<Value> out = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            h = between.apply(cell(t.op("select.int", x, 0, i), h));
            out.add(h);
        }
        return out;
    }

    private Graph fused(List<Value> outputs) { return FuseGroups.withProducts(_ -> { }).form(t.graph(outputs.toArray(Value[]::new))).graph(); }

    private static Graph formed(Graph g) {
        Graph out = new FormLoops().run(g, new PassContext(Trace.OPS));
        Verifier.verify(out);
        return out;
    }

    private static List<Node> loops(Graph g) { return g.nodes().stream().filter(n -> n.is(Kinds.FUSION_LOOP)).toList(); }

    @Test void aCellAgainAndAgain() {
        Graph g = formed(fused(states(9, h -> h)));
        assertEquals(1, loops(g).size());
        Node loop = loops(g).getFirst();
        assertEquals(9, loop.subgraph().orElseThrow().nodes().size());
        assertEquals(9, loop.outputs().size());
        assertEquals(1L, loop.attribute("phases"));
    }

    /** Only the last state is used outside. */
    @Test void statesThatNobodySeesAreNoResults() {
        Graph g = formed(fused(List.of(states(9, h -> h).getLast())));
        assertEquals(1, loops(g).getFirst().outputs().size());
    }

    @Test void fewStepsStay() {
        Graph g = fused(states(7, h -> h));
        assertSame(g, formed(g));
    }

    @Test void whatDoesNotFollowFromTheStepBeforeStays() {
        Value x = t.input(9, 1, 6), h = t.input(1, 6);
        List<Value> out = new ArrayList<>();
        for (int i = 0; i < 9; i++) out.add(cell(t.op("select.int", x, 0, i), h));
        assertEquals(List.of(), loops(formed(fused(out))));
    }

    /** Sorting is done by no kernel of a group. */
    @Test void whatComesBackFromOutsideStays() {
        Graph g = fused(states(9, h -> t.ops("sort", h, -1, false).getFirst()));
        assertSame(g, formed(g));
    }
}
