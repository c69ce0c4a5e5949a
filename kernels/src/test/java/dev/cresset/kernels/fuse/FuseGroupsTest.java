package dev.cresset.kernels.fuse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.text.GraphPrinter;
import dev.cresset.ir.verify.Verifier;
import dev.cresset.kernels.statics.StaticRuns;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Groups compute what their operators compute. */
class FuseGroupsTest {
    private final StaticRuns runs = new StaticRuns();

    /** Checks that a graph computes the same after fusion, and that it then has this many groups and other operators. */
    private Graph check(String text, double tolerance, int groups, int others) {
        Graph graph = runs.graph(text);
        FuseGroups.Fused fused = new FuseGroups().form(graph);
        Verifier.verify(fused.graph());
        Tensor[] in = StaticRuns.inputs(graph, new Random(3));
        Tensor[] want = runs.run(graph, in);
        Tensor[] got = runs.run(fused.graph(), in);
        for (int i = 0; i < want.length; i++) StaticRuns.assertClose(want[i], got[i], tolerance, GraphPrinter.print(fused.graph()));
        String shown = GraphPrinter.print(fused.graph()) + fused.notes();
        assertEquals(groups, fused.graph().nodes().stream().filter(n -> n.is(Kinds.FUSION_GROUP)).count(), shown);
        assertEquals(others, fused.graph().nodes().stream().filter(n -> n.operator() != null).count(), shown);
        return fused.graph();
    }

    static final String LSTM = """
        graph(%x : Float(2, 4, strides=[4, 1], device=cpu), %hx : Float(2, 4, strides=[4, 1], device=cpu),
              %cx : Float(2, 4, strides=[4, 1], device=cpu), %w_ih : Float(16, 4, strides=[4, 1], device=cpu),
              %w_hh : Float(16, 4, strides=[4, 1], device=cpu), %b_ih : Float(16, strides=[1], device=cpu),
              %b_hh : Float(16, strides=[1], device=cpu)):
          %one : int = prim::Constant[value=1]()
          %four : int = prim::Constant[value=4]()
          %t1 : Tensor = aten::t(%w_ih)
          %m1 : Tensor = aten::mm(%x, %t1)
          %t2 : Tensor = aten::t(%w_hh)
          %m2 : Tensor = aten::mm(%hx, %t2)
          %a : Tensor = aten::add(%m1, %m2, %one)
          %b : Tensor = aten::add(%a, %b_ih, %one)
          %gates : Tensor = aten::add(%b, %b_hh, %one)
          %chunks : Tensor[] = aten::chunk(%gates, %four, %one)
          %i : Tensor, %f : Tensor, %c : Tensor, %o : Tensor = prim::ListUnpack(%chunks)
          %i1 : Tensor = aten::sigmoid(%i)
          %f1 : Tensor = aten::sigmoid(%f)
          %c1 : Tensor = aten::tanh(%c)
          %o1 : Tensor = aten::sigmoid(%o)
          %fc : Tensor = aten::mul(%f1, %cx)
          %ic : Tensor = aten::mul(%i1, %c1)
          %cy : Tensor = aten::add(%fc, %ic, %one)
          %tc : Tensor = aten::tanh(%cy)
          %hy : Tensor = aten::mul(%o1, %tc)
          return (%hy, %cy)
        """;

    @Test void lstmCellIsTwoProductsAndOneGroup() { check(LSTM, 1e-6, 1, 4); }

    @Test void groupOfAnLstmCellReadsItsChunksInPlace() {
        Graph fused = new FuseGroups().form(runs.graph(LSTM)).graph();
        Node group = fused.nodes().stream().filter(n -> n.is(Kinds.FUSION_GROUP)).findFirst().orElseThrow();
        LoweredGroup lowered = GroupLowering.lower(group, Layouts.BY_TYPE);
        assertEquals(17, lowered.nest().inputs().size());   // four gates of four operands, and the cell
        assertEquals(List.of(0, 1), lowered.results());
        assertEquals(4, lowered.inputs().stream().filter(i -> i == 0).count());
        assertArrayEquals(new long[] {2, 4}, lowered.nest().sizes());
    }

    @Test void saysWhyOperatorsStayOutside() {
        Graph graph = runs.graph("""
            graph(%x : ComplexFloat(64, strides=[1], device=cpu), %y : Float(8, 8, strides=[8, 1], device=cpu),
                  %v : Float(256, strides=[1], device=cpu), %z : Float(256, 256, strides=[256, 1], device=cpu),
                  %i : Long(8, strides=[1], device=cpu)):
              %one : int = prim::Constant[value=1]()
              %zero : int = prim::Constant[value=0]()
              %none : NoneType = prim::Constant()
              %a : Tensor = aten::add(%x, %x, %one)
              %s : Tensor = aten::cumsum(%y, %one, %none)
              %m : Tensor = aten::softmax(%y, %zero, %none)
              %w : Tensor = aten::exp(%v)
              %r : Tensor = aten::add(%w, %z, %one)
              %q : Tensor = aten::remainder(%i, %i)
              return (%a, %s, %m, %r, %q)
            """);
        List<String> notes = new FuseGroups().form(graph).notes().stream().map(n -> n.node().kind() + ": " + n.reason()).toList();
        assertEquals(List.of("aten::add: complex numbers", "aten::cumsum: not elementwise",
            "aten::softmax: a reduction of other than the last dimensions",
            "aten::add: not in the group of aten::exp: would repeat work", "aten::remainder: division by zero fails"), notes);
    }

    @Test void largeGroupsAreCut() {
        StringBuilder text = new StringBuilder("graph(%x0 : Float(64, 64, strides=[64, 1], device=cpu)):\n  %one : int = prim::Constant[value=1]()\n");
        for (int i = 0; i < 300; i++) text.append("  %%x%d : Tensor = aten::%s(%%x%d)\n".formatted(i + 1, i % 2 == 0 ? "sin" : "neg", i));
        Graph fused = new FuseGroups().form(runs.graph(text + "  return (%x300)\n")).graph();
        assertEquals(3, fused.nodes().size());
    }

    /** What another result reads only a part of is written whole all the same. */
    @Test void aResultIsWrittenWholeThoughOnlyOneRowOfItIsUsed() {
        check("""
            graph(%x : Float(8, 8, strides=[8, 1], device=cpu), %y : Float(8, 8, strides=[8, 1], device=cpu)):
              %zero : int = prim::Constant[value=0]()
              %one : int = prim::Constant[value=1]()
              %v : Tensor = aten::abs(%x)
              %row : Tensor = aten::select(%v, %zero, %zero)
              %r : Tensor = aten::add(%y, %row, %one)
              return (%v, %r)
            """, 0, 1, 0);
    }

    /** Two results in transposed order: the second is written as the first one visits it. */
    @Test void resultsOfTransposedOrderShareTheLoops() {
        Graph fused = check("""
            graph(%x : Float(4, 6, strides=[6, 1], device=cpu)):
              %v : Tensor = aten::abs(%x)
              %t : Tensor = aten::t(%v)
              %r : Tensor = aten::sqrt(%t)
              return (%v, %r)
            """, 1e-6, 1, 0);
        LoopNest nest = GroupLowering.lower(fused.nodes().getFirst(), Layouts.BY_TYPE).nest();
        assertEquals(1, nest.inputs().size());
    }

    /** Neither the expressions of a group nor their text grow with the number of ways through shared parts. */
    @Test void sharedPartsStayShared() {
        StringBuilder text = new StringBuilder("graph(%x0 : Float(64, strides=[1], device=cpu)):\n");
        for (int i = 0; i < 60; i++) text.append("  %%x%d : Tensor = aten::mul(%%x%d, %%x%d)\n".formatted(i + 1, i, i));
        check(text + "  return (%x60)\n", 0, 1, 0);
    }

    /** A plan may lay tensors out as it likes: here channels-last, so that the loops are one. */
    @Test void loopsFollowTheLayoutsOfThePlan() {
        Graph graph = runs.graph("""
            graph(%x : Float(2, 8, 4, 4, strides=[128, 16, 4, 1], device=cpu), %y : Float(2, 8, 4, 4, strides=[128, 16, 4, 1], device=cpu)):
              %one : int = prim::Constant[value=1]()
              %s : Tensor = aten::add(%x, %y, %one)
              %r : Tensor = aten::relu(%s)
              return (%r)
            """);
        Node group = new FuseGroups().form(graph).graph().nodes().getFirst();
        Layouts last = v -> new Layouts.Placement(3, Shapes.channelsLastStrides(Definitions.sizes(v)));
        LoopNest nest = GroupLowering.lower(group, last).nest();
        assertArrayEquals(new long[] {256}, nest.sizes());
        assertEquals(3, nest.results().getFirst().offset());
        LoopNest mixed = GroupLowering.lower(group, v -> v.hint().equals("y") ? Layouts.BY_TYPE.of(v) : last.of(v)).nest();
        assertArrayEquals(new long[] {2, 16, 8}, mixed.sizes());
        assertArrayEquals(new long[] {128, 1, 16}, mixed.inputs().get(1).strides());
    }

    @Test void loopNestsPrintWhatIsSharedOnce() {
        Graph graph = runs.graph("""
            graph(%x : Float(4, 1, 8, strides=[16, 16, 1], device=cpu)):
              %m1 : int = prim::Constant[value=-1]()
              %none : NoneType = prim::Constant()
              %t : Tensor = aten::tanh(%x)
              %r : Tensor = aten::softmax(%t, %m1, %none)
              return (%r)
            """);
        Node group = new FuseGroups().form(graph).graph().nodes().getFirst();
        assertEquals("""
            for [4, 8]
              x0 = FLOAT32@0[16, 1]
              t0 = tanh(x0)
              r0 = max t0
              t1 = exp(sub(t0, r0))
              r1 = sum t1
              FLOAT32@0[8, 1] = mul(t1, div(1., r1))
            """, GroupLowering.lower(group, Layouts.BY_TYPE).nest().toString());
    }
}
