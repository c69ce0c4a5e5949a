package dev.cresset.kernels.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.text.GraphPrinter;
import dev.cresset.ir.verify.Verifier;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
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
        for (int i = 0; i < want.length; i++) assertClose(want[i], got[i], tolerance, GraphPrinter.print(fused.graph()));
        String shown = GraphPrinter.print(fused.graph()) + fused.notes();
        assertEquals(groups, fused.graph().nodes().stream().filter(n -> n.is(Kinds.FUSION_GROUP)).count(), shown);
        assertEquals(others, fused.graph().nodes().stream().filter(n -> n.operator() != null).count(), shown);
        return fused.graph();
    }

    static void assertClose(Tensor want, Tensor got, double tolerance, String where) {
        assertEquals(want.type(), got.type(), where);
        double[] a = want.toDoubleArray();
        double[] b = got.toDoubleArray();
        for (int i = 0; i < a.length; i++) {
            boolean same = Double.compare(a[i], b[i]) == 0 || Math.abs(a[i] - b[i]) <= tolerance * (1 + Math.abs(a[i]));
            if (!same) fail("element " + i + ": want " + a[i] + ", got " + b[i] + "\n" + where);
        }
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

    @Test void lstmCellIsTwoProductsAndOneGroup() {
        Graph fused = check(LSTM, 1e-6, 1, 4);
        System.out.println(GraphPrinter.print(fused));
        System.out.println(GroupLowering.lower(fused.nodes().stream().filter(n -> n.is(Kinds.FUSION_GROUP)).findFirst().get(), Layouts.BY_TYPE).nest());
    }
}
