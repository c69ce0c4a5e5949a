package dev.cresset.kernels.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Pass;
import dev.cresset.ir.rewrite.PassContext;
import dev.cresset.kernels.plan.passes.FoldAffine;
import dev.cresset.kernels.plan.passes.FoldConstants;
import dev.cresset.kernels.plan.passes.FormLibraryGroups;
import dev.cresset.kernels.plan.passes.JoinProducts;
import dev.cresset.kernels.plan.passes.SplitBatchNorm;
import dev.cresset.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the passes over subgraphs change and what they leave, and that the results stay the same. */
class PlanPassesTest {
    private static final long[] ONE = {1, 1}, TWO = {2, 2};
    private final Trace t = new Trace(11);

    private static Graph run(Pass pass, Graph g) { return pass.run(g, new PassContext(Trace.OPS)); }

    /** The operators of a graph, in order, without namespaces. */
    private static List<String> operators(Graph g) {
        return g.nodes().stream().filter(n -> n.operator() != null || n.subgraph().isPresent()).map(Node::kind).map(k -> k.substring(k.indexOf(':') + 2)).toList();
    }

    private final Workshop workshop = new Workshop(Trace.OPS, Target.host(1));

    @AfterEach void close() { workshop.close(); }

    private void check(Pass pass, List<String> expected, Value... outputs) {
        assertEquals(expected, operators(run(pass, t.graph(outputs))));
        PlanCheck.check(t, 1e-3, outputs);
    }

    private Value norm(Value x, long c) { return t.op("batch_norm", x, t.weight(c), t.weight(c), t.weight(c), t.positive(c), false, 0.1, 1e-5, true); }

    @Test void channelScalesGoIntoConvolutions() {
        Value x = t.input(2, 4, 6, 6);
        Value y = norm(t.op("conv2d", x, t.weight(6, 4, 3, 3), null, TWO), 6);
        y = t.op("div.Tensor", t.op("sub.Tensor", t.weight(6, 1, 1), t.op("mul.Tensor", y, t.weight(6, 1, 1)), 2), t.positive(1));
        check(new FoldAffine(workshop), List.of("conv2d"), y);
    }

    @Test void channelScalesGoIntoTransposedAndGroupedOnes() {
        Value x = t.input(2, 4, 5, 5), line = t.input(1, 4, 9), cube = t.input(1, 4, 3, 3, 3);
        check(new FoldAffine(workshop), List.of("conv_transpose2d", "conv2d", "conv1d", "conv_transpose3d"),
            norm(t.op("conv_transpose2d.input", x, t.weight(4, 3, 3, 3), t.weight(6), TWO, ONE, ONE, 2), 6),
            norm(t.op("conv2d", x, t.weight(8, 2, 3, 3), t.weight(8), ONE, ONE, ONE, 2), 8), norm(t.op("conv1d", line, t.weight(5, 4, 3), null), 5),
            norm(t.op("conv_transpose3d.input", cube, t.weight(4, 2, 2, 2, 2), null), 2));
    }

    @Test void channelScalesGoIntoLinearMaps() {
        Value y = norm(t.op("linear", t.input(7, 5), t.weight(6, 5), t.weight(6)), 6);
        check(new FoldAffine(workshop), List.of("linear"), t.op("add.Scalar", y, 0.5, 1));
    }

    @Test void channelScalesStayWhereTheyMust() {
        Value x = t.input(2, 4, 6, 6);
        Value twice = t.op("conv2d", x, t.weight(6, 4, 3, 3), null);
        Value other = t.op("conv2d", x, t.weight(6, 4, 3, 3), null);
        Value rows = t.op("linear", t.input(2, 6, 5), t.weight(6, 5), null);     // channels are not the last dimension
        Graph g = t.graph(norm(twice, 6), twice, t.op("add.Tensor", other, t.weight(4, 1), 1), norm(rows, 6));
        assertSame(g, run(new FoldAffine(workshop), g));
    }

    @Test void constantsAreFolded() {
        Tensor w = t.weight(3, 4);
        Value y = t.op("mm", t.input(9, 4), t.op("mul.Tensor", t.op("t", w), t.ops("chunk", t.weight(2), 2, 0).get(1)));
        check(new FoldConstants(workshop), List.of("chunk", "mm"), y);   // the list of parts goes as dead code
    }

    @Test void slicesAreMultipliedAtOnce() {
        Value x = t.input(3, 5, 4);
        Tensor w = t.weight(6, 4), b = t.weight(6);
        Value[] out = new Value[3];
        for (int i = 0; i < 3; i++) out[i] = t.op("tanh", t.op("linear", t.op("select.int", x, 0, i), w, b));
        assertEquals(1, operators(run(new JoinProducts(workshop), t.graph(out))).stream().filter(k -> k.equals("linear")).count());
        PlanCheck.check(t, 1e-5, out);
    }

    @Test void fewSlicesOfManyAreNot() {
        Value x = t.input(30, 5, 4);
        Tensor w = t.weight(4, 6);
        Graph g = t.graph(t.op("mm", t.op("select.int", x, 0, 3), w), t.op("mm", t.op("select.int", x, 0, 7), w));
        assertSame(g, run(new JoinProducts(workshop), g));
    }

    @Test void weightsOfOneInputAreJoined() {
        Value x = t.input(6, 4);
        check(new JoinProducts(workshop), List.of("linear", "narrow", "narrow", "mm", "narrow", "narrow"), t.op("linear", x, t.weight(3, 4), null),
            t.op("linear", x, t.weight(5, 4), t.weight(5)), t.op("mm", x, t.weight(4, 2)), t.op("mm", x, t.weight(4, 7)));
    }

    @Test void weightsWhoseProductsTheLibraryFinishesAreNot() {
        Value x = t.input(6, 4);
        Graph g = t.graph(t.op("relu", t.op("linear", x, t.weight(3, 4), null)), t.op("relu", t.op("linear", x, t.weight(5, 4), null)));
        assertSame(g, run(new JoinProducts(workshop), g));
    }

    @Test void whatFollowsIsGrouped() {
        Value x = t.input(1, 4, 6, 6);
        Value y = t.op("conv2d", x, t.weight(4, 4, 3, 3), null, ONE, ONE);
        check(new FormLibraryGroups(), List.of("LibraryGroup"), t.op("relu", t.op("add.Tensor", x, y, 1)));
    }

    @Test void whatIsUsedTwiceIsNot() {
        Value y = t.op("conv2d", t.input(1, 4, 6, 6), t.weight(4, 4, 3, 3), null);
        Graph g = t.graph(t.op("relu", y), y);
        assertSame(g, run(new FormLibraryGroups(), g));
    }

    @Test void forAnySizesOnlyWhatDoesNotDependOnThem() {
        Value x = t.input(6, 4), z = t.input(6, 3);
        Graph g = t.graph(t.op("relu", t.op("linear", x, t.weight(3, 4), null)), t.op("add.Tensor", t.op("mm", x, t.weight(4, 3)), z, 1),
            t.op("mm", x, t.op("t", t.op("mm", z, t.weight(3, 4)))), t.op("linear", x, t.input(3, 4), null));
        Graph formed = run(FormLibraryGroups.forAnySizes(), g);
        assertEquals(List.of("LibraryGroup", "LibraryGroup", "add", "LibraryGroup", "t", "mm", "linear"), operators(formed));
        assertEquals(List.of("linear", "relu"), operators(formed.nodes().stream().filter(n -> n.subgraph().isPresent()).findFirst().orElseThrow().subgraph().orElseThrow()));
    }

    @Test void forAnySizesFunctionsOfOtherTensorsStay() {
        Value x = t.input(6, 4);
        Graph formed = run(FormLibraryGroups.forAnySizes(), t.graph(t.op("mul.Tensor", t.op("linear", x, t.weight(3, 4), null), t.weight(3))));
        assertEquals(List.of("LibraryGroup", "mul"), operators(formed));
    }

    @Test void batchNormBecomesProductAndSum() {
        check(new SplitBatchNorm(workshop), List.of("mul", "add"), norm(t.input(2, 4, 3, 3), 4));
    }

    @Test void batchNormInTrainingStays() {
        Value x = t.input(2, 4, 3, 3);
        Graph g = t.graph(t.op("batch_norm", x, t.weight(4), t.weight(4), t.weight(4), t.positive(4), true, 0.0, 1e-5, true));
        assertSame(g, run(new SplitBatchNorm(workshop), g));
    }
}
