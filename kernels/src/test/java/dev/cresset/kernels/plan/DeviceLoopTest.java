package dev.cresset.kernels.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.EmulatedCuda;
import dev.cresset.kernels.cuda.code.KernelSource;
import dev.cresset.kernels.cuda.code.Nvcc;
import dev.cresset.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Unrolled loops over cells of few rows become one kernel of co-resident blocks, and give what they give on the host. */
@EmulatedCuda(order = EmulatedCuda.ANY)
class DeviceLoopTest {
    private final Trace t = new Trace(3);

    private String check(double tolerance, Value... outputs) {
        try (OnDevice d = new OnDevice()) {
            return d.check(t, tolerance, outputs);
        }
    }

    /** A cell: what comes after a state, for what one step is given. */
    private interface Cell { List<Value> next(Value x, List<Value> state); }

    private static Value sum(Trace t, Value a, Value b) { return t.op("add.Tensor", a, b, 1); }

    private static Value product(Trace t, Value a, Value b) { return t.op("mul.Tensor", a, b); }

    /** The first part of the state after each step, stacked, and the last state. */
    private Value[] run(Cell cell, Value x, int steps, List<Value> state) {
        List<Value> out = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            state = cell.next(t.op("select.int", x, 0, i), state);
            out.add(state.getFirst());
        }
        List<Value> results = new ArrayList<>(List.of(t.op("stack", out, 0)));
        results.addAll(state);
        return results.toArray(Value[]::new);
    }

    private Cell lstm(long in, long hidden) {
        Tensor wi = t.weight(4 * hidden, in), wh = t.weight(4 * hidden, hidden), bi = t.weight(4 * hidden), bh = t.weight(4 * hidden);
        return (x, s) -> {
            Value gates = sum(t, sum(t, sum(t, t.op("mm", x, t.op("t", wi)), t.op("mm", s.get(0), t.op("t", wh))), t.op("view", bi, new long[] {4 * hidden})),
                t.op("view", bh, new long[] {4 * hidden}));
            List<Value> g = t.ops("chunk", gates, 4, 1);
            Value c = sum(t, product(t, t.op("sigmoid", g.get(1)), s.get(1)), product(t, t.op("sigmoid", g.get(0)), t.op("tanh", g.get(2))));
            return List.of(product(t, t.op("sigmoid", g.get(3)), t.op("tanh", c)), c);
        };
    }

    private Cell gru(long in, long hidden) {
        Tensor wi = t.weight(3 * hidden, in), wh = t.weight(3 * hidden, hidden), bi = t.weight(3 * hidden), bh = t.weight(3 * hidden);
        return (x, s) -> {
            Value h = s.getFirst();
            List<Value> a = t.ops("chunk", t.op("linear", x, wi, bi), 3, 1), b = t.ops("chunk", t.op("linear", h, wh, bh), 3, 1);
            Value reset = t.op("sigmoid", sum(t, a.get(0), b.get(0))), keep = t.op("sigmoid", sum(t, a.get(1), b.get(1)));
            Value fresh = t.op("tanh", sum(t, a.get(2), product(t, reset, b.get(2))));
            return List.of(sum(t, fresh, product(t, keep, t.op("sub.Tensor", h, fresh, 1))));
        };
    }

    /** Rows that a warp and a block share out evenly and not, accesses of 16 bytes and of 4. */
    @ParameterizedTest
    @CsvSource({"1, 9, 24, 40", "1, 13, 7, 37", "3, 10, 16, 24", "4, 11, 12, 18", "1, 100, 8, 16"})
    void lstm(long rows, int steps, long in, long hidden) {
        Value[] out = run(lstm(in, hidden), t.input(steps, rows, in), steps, List.of(t.input(rows, hidden), t.input(rows, hidden)));
        String text = check(1e-4, out);
        assertTrue(text.contains("fused loop of "), text);
        assertTrue(text.lines().filter(l -> l.startsWith("fused")).count() <= 5, text);
    }

    @ParameterizedTest
    @CsvSource({"1, 12, 20, 36", "2, 10, 5, 33"})
    void gru(long rows, int steps, long in, long hidden) {
        String text = check(1e-4, run(gru(in, hidden), t.input(steps, rows, in), steps, List.of(t.input(rows, hidden))));
        assertTrue(text.contains("fused loop of "), text);
    }

    /** Plain, with a residual that makes another result of each step, of 16 bits. */
    @Test void rnnOfHalves() {
        Tensor w = Trace.half(t.weight(24, 24));
        Value x = t.op("to.dtype", t.input(11, 2, 24), ScalarType.FLOAT16, false, false, null);
        Value h = t.op("to.dtype", t.input(2, 24), ScalarType.FLOAT16, false, false, null);
        Value[] out = run((v, s) -> List.of(t.op("tanh", sum(t, v, t.op("linear", s.getFirst(), w)))), x, 11, List.of(h));
        String text = check(4e-3, t.op("to.dtype", out[0], ScalarType.FLOAT32, false, false, null));
        assertTrue(text.contains("fused loop of "), text);
    }

    /** Two layers: two kernels' worth of work in each step, the second reads what the first has just left. */
    @Test void layersOfCells() {
        Cell lower = lstm(12, 20), upper = gru(20, 28);
        Cell both = (x, s) -> {
            List<Value> a = lower.next(x, List.of(s.get(1), s.get(2))), b = upper.next(a.getFirst(), List.of(s.getFirst()));
            return List.of(b.getFirst(), a.get(0), a.get(1));
        };
        String text = check(1e-4, run(both, t.input(10, 1, 12), 10, List.of(t.input(1, 28), t.input(1, 20), t.input(1, 20))));
        assertTrue(text.contains("fused loop of "), text);
    }

    /** A gate that depends on another product of the same step. */
    @Test void cellOfTwoProducts() {
        Tensor reset = t.weight(30, 30), fresh = t.weight(30, 30);
        Cell cell = (x, s) -> {
            Value h = s.getFirst(), r = t.op("sigmoid", t.op("linear", h, reset));
            Value n = t.op("tanh", sum(t, x, t.op("linear", product(t, r, h), fresh)));
            return List.of(sum(t, t.op("mul.Scalar", h, 0.25), t.op("mul.Scalar", n, 0.75)));
        };
        String text = check(1e-4, run(cell, t.input(10, 1, 30), 10, List.of(t.input(1, 30))));
        assertTrue(text.contains("fused loop of "), text);
    }

    /** By NVIDIA's compiler, with as few registers for a thread as the largest blocks leave. */
    @Test void kernelsDoNotSpill(@TempDir Path folder) throws Exception {
        Nvcc nvcc = Nvcc.find().orElse(null);
        Assumptions.assumeTrue(nvcc != null, "CUDA kernels are not compiled here: there is no nvcc on the PATH");
        List<KernelSource> kernels = new ArrayList<>();
        for (long rows : new long[] {1, 4}) {
            Value[] lstm = run(lstm(16, 64), t.input(9, rows, 16), 9, List.of(t.input(rows, 64), t.input(rows, 64)));
            Value[] gru = run(gru(16, 63), t.input(9, rows, 16), 9, List.of(t.input(rows, 63)));
            try (OnDevice d = new OnDevice()) {
                for (Value[] out : List.of(lstm, gru)) for (Step s : d.steps(t, out)) if (s instanceof DeviceLoopStep l) kernels.add(l.kernel());
            }
        }
        assertEquals(4, kernels.size());
        Nvcc.Report report = nvcc.compile(kernels, Nvcc.ARCHITECTURES, false, folder);
        assertEquals(List.of(), report.refusals());
        assertEquals(List.of(), report.kernels().stream().filter(r -> r.spillStores() > 0).toList());
    }

    /** Few steps, and weights that no block can keep, are kernels of their own. */
    @Test void whatIsNoLoop() {
        String few = check(1e-4, run(lstm(8, 16), t.input(5, 1, 8), 5, List.of(t.input(1, 16), t.input(1, 16))));
        assertFalse(few.contains("fused loop"), few);
    }

    @Test void weightsThatDoNotFit() {
        Tensor w = t.weight(256, 256);
        String text = check(1e-4, run((v, s) -> List.of(t.op("tanh", sum(t, v, t.op("linear", s.getFirst(), w)))), t.input(9, 1, 256), 9, List.of(t.input(1, 256))));
        assertFalse(text.contains("fused loop"), text);
    }
}
