package dev.cresset.kernels.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.text.GraphPrinter;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;

/** Compares a plan with its subgraph run operator by operator. */
final class PlanCheck {
    private PlanCheck() {}

    /** Compiles, runs twice, compares with the reference; returns the plan's text. */
    static String check(Trace trace, double tolerance, Value... outputs) {
        Graph graph = trace.graph(outputs);
        CallContext context = Trace.context(trace.pool, 2);
        Tensor[] want = Trace.run(graph, context, trace.inputs());
        try (StaticPlan plan = StaticPlan.compile(graph, Trace.OPS, Target.host(2))) {
            try {
                Tensor[] first = plan.run(context, trace.inputs());
                for (int i = 0; i < want.length; i++) same(want[i], first[i], outputs[i], tolerance);
                Tensor[] second = plan.run(context, trace.inputs());
                for (int i = 0; i < want.length; i++) assertArrayEquals(first[i].toDoubleArray(), second[i].toDoubleArray(), "the second run differs");
                return plan.text();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(e.getMessage() + "\n" + GraphPrinter.print(graph) + "\n" + plan.text(), e);
            }
        } finally {
            context.scope().close();
        }
    }

    private static void same(Tensor want, Tensor got, Value output, double tolerance) {
        assertEquals(output.type(), got.type());
        assertEquals(0, got.offset(), "results are no views");
        double[] w = want.toDoubleArray(), g = got.toDoubleArray();
        for (int i = 0; i < w.length; i++) {
            boolean equal = Double.doubleToLongBits(w[i]) == Double.doubleToLongBits(g[i]) || Math.abs(w[i] - g[i]) <= tolerance * (1 + Math.abs(w[i]));
            assertTrue(equal, "element " + i + " of " + w.length + ": expected " + w[i] + ", got " + g[i]);
        }
    }
}
