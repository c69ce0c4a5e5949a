package dev.cresset.kernels.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.cresset.ir.graph.Value;
import dev.cresset.kernels.cuda.CudaEmulation;
import dev.cresset.kernels.cuda.EmulatedCuda;
import dev.cresset.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Steps of a plan that do not depend on each other are branches of its graph, which the emulation runs in the order furthest from the plan's. */
@EmulatedCuda
class BranchesTest {
    private static final long[] ONE = {1, 1};

    @TempDir private Path folder;
    private final Trace t = new Trace(5);

    private String check(Value... outputs) {
        try (OnDevice d = new OnDevice()) {
            return d.check(t, 1e-4, outputs);
        }
    }

    private Value convolution(Value x, long in, long out, long kernel) {
        long[] edge = {kernel / 2, kernel / 2};
        return t.op("relu", t.op("conv2d", x, t.weight(out, in, kernel, kernel), t.weight(out), ONE, edge));
    }

    /** As in Inception: convolutions of several sizes and a pool of the same tensor, joined. */
    private Value block(Value x) {
        Value pooled = t.op("avg_pool2d", x, new long[] {3, 3}, ONE, ONE, false, true, null);
        return t.op("cat", List.of(convolution(x, 4, 3, 1), convolution(convolution(x, 4, 2, 1), 2, 4, 3), convolution(convolution(x, 4, 2, 1), 2, 2, 5),
            convolution(pooled, 4, 2, 1)), 1);
    }

    @Test void convolutionsOfOneTensor() {
        String text = check(t.op("tanh", block(convolution(t.input(2, 4, 6, 6), 4, 4, 3))));
        assertTrue(text.contains(" in branches, 5 of 10 steps one after the other"), text);
        assertEquals(4, CudaEmulation.get("graph_width"));
    }

    @Test void summariesSayHowManyStepsFollowEachOther() {
        try (OnDevice d = new OnDevice()) {
            PlanSummary s = d.summary(t, block(t.input(2, 4, 6, 6)));
            assertEquals(8, s.steps());
            assertEquals(3, s.chain());
        }
    }

    /** Each product's workspace is its own. */
    @Test void productsOfSeveralTensors() {
        List<Value> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) all.add(t.op("relu", t.op("linear", t.op("relu", t.op("linear", t.input(6, 8), t.weight(8, 8), t.weight(8))), t.weight(8, 8), t.weight(8))));
        String text = check(t.op("cat", all, 1));
        assertTrue(text.contains("1 graph with 9 nodes in branches, 3 of 7 steps"), text);
        assertEquals(3, CudaEmulation.get("graph_width"));
    }

    /** They work in the same memory of cuBLAS. */
    @Test void productsOfCuBlasFollowEachOther() {
        Value x = t.input(6, 8);
        String text = check(t.op("mm", t.input(6, 6), x), t.op("mm", t.input(6, 6), x));
        assertTrue(text.contains("1 graph with 2 nodes\n"), text);
        assertEquals(1, CudaEmulation.get("graph_width"));
    }

    /** What one gives back another one takes, and one may have to copy what it reads. */
    @Test void operatorsThatTakeMemory() {
        Value x = t.input(5, 6);
        List<Value> first = t.ops("sort", x, 1, true), second = t.ops("sort", t.op("tanh", x), 0, false);
        check(first.get(0), first.get(1), second.get(0), second.get(1), t.op("cumsum", t.op("softmax.int", x, 0, null), 1, null), t.op("sigmoid", x));
    }

    @Test void whereTheDriverRefusesStepsFollowEachOther() {
        CudaEmulation.set("fail_branches", 1000);
        String text = check(block(t.input(2, 4, 6, 6)));
        assertTrue(text.contains("1 graph with ") && !text.contains("branches") && !text.contains("could not"), text);
        assertEquals(1, CudaEmulation.get("graph_width"));
    }

    /** As above, of what notes bad indices: places for that are given anew. */
    @Test void refusedBranchesLeaveNothing() {
        CudaEmulation.set("fail_branches", 1);
        Value x = t.input(5, 6), i = t.input(Tensor.of(new long[] {2, 0}, 2));
        String text = check(t.op("index_select", x, 0, i), t.op("index_select", t.op("tanh", x), 1, i), t.op("embedding", x, i));
        assertFalse(text.contains("could not"), text);
    }

    private String measured(DoubleSupplier times) {
        try (OnDevice d = new OnDevice()) {
            Trace t = new Trace(4);
            Value x = t.op("relu", t.op("linear", t.input(6, 8), t.weight(8, 8), t.weight(8)));
            return d.check(OnDevice.measuring(folder, "device", times), t, 1e-4, t.op("cumsum", x, 1, null), t.op("softmax.int", x, 1, null));
        }
    }

    @Test void theFasterOrderStays() {
        Iterator<Double> falling = DoubleStream.iterate(1000, v -> v - 1).iterator();
        String chain = measured(falling::next);
        assertFalse(chain.contains("branches"), chain);
        assertEquals(chain, measured(() -> fail("measures again")));
    }

    /** Then the host gives the steps one by one, and may be what takes the time. */
    @Test void whatIsMeasuredWithoutGraphsIsNotSaidOfGraphs() {
        Iterator<Double> falling = DoubleStream.iterate(1000, v -> v - 1).iterator(), rising = DoubleStream.iterate(1, v -> v + 1).iterator();
        System.setProperty("cresset.cuda.graphs", "false");
        try {
            measured(falling::next);
        } finally {
            System.clearProperty("cresset.cuda.graphs");
        }
        String branches = measured(rising::next);
        assertTrue(branches.contains(" in branches, "), branches);
    }

    @Test void branchesThatAreFasterStay() {
        Iterator<Double> rising = DoubleStream.iterate(1, v -> v + 1).iterator();
        String branches = measured(rising::next);
        assertTrue(branches.contains(" in branches, "), branches);
        assertEquals(branches, measured(() -> fail("measures again")));
    }
}
