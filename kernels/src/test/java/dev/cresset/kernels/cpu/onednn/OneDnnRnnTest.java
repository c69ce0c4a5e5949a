package dev.cresset.kernels.cpu.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cpu.onednn.RnnSpec.Cell;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class OneDnnRnnTest {
    private static final ScalarType F32 = ScalarType.FLOAT32;
    private static OneDnn oneDnn;

    @BeforeAll static void create() {
        assumeTrue(OneDnnLibrary.isAvailable(),
                () -> "oneDNN is not here: " + OneDnnLibrary.loadFailure().orElseThrow().getMessage());
        oneDnn = OneDnn.create(OneDnn.Settings.ofThreads(2));
    }

    @AfterAll static void close() { if (oneDnn != null) oneDnn.close(); }

    @Test void everyCellForwardAndReverseWithAndWithoutBias() {
        for (Cell cell : Cell.values()) {
            for (int flags = 0; flags < 4; flags++) {
                check(new RnnSpec(cell, 5, 3, 7, 9, (flags & 1) != 0), (flags & 2) != 0, false);
            }
            check(new RnnSpec(cell, 4, 2, 16, 32, true), true, true);
            check(new RnnSpec(cell, 1, 1, 5, 5, false), true, false);
        }
    }

    /**
     * With {@code batchFirst} the sequence is [batch, steps, …] and the result the second half of a bidirectional one.
     */
    private static void check(RnnSpec s, boolean bias, boolean batchFirst) {
        Random random = new Random(40 + s.cell().ordinal());
        int gates = s.cell().gates;
        int hidden = (int) s.hidden();
        int input = (int) s.input();
        int batch = (int) s.batch();
        int steps = (int) s.steps();
        float[] x = Naive.random(random, (long) steps * batch * input);
        float[] wi = Naive.random(random, (long) gates * hidden * input);
        float[] wh = Naive.random(random, (long) gates * hidden * hidden);
        float[] bi = bias ? Naive.random(random, (long) gates * hidden) : new float[gates * hidden];
        float[] bh = bias ? Naive.random(random, (long) gates * hidden) : new float[gates * hidden];
        float[] h = Naive.random(random, (long) batch * hidden);
        float[] c = Naive.random(random, (long) batch * hidden);
        long[] srcStrides = batchFirst ? new long[] {input, (long) steps * input, 1}
                : new long[] {(long) batch * input, input, 1};
        long width = batchFirst ? 2L * hidden : hidden;
        long[] dstStrides = batchFirst ? new long[] {width, steps * width, 1} : new long[] {batch * width, width, 1};
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(4L * steps * batch * width, 64);
            MemorySegment half = batchFirst ? out.asSlice(4L * hidden) : out;
            MemorySegment storage = Naive.segment(arena, concat(wi, wh)); // one owner for both
            MemorySegment whSegment = storage.asSlice(4L * wi.length);
            RnnLayer.States after = new RnnLayer.States(arena.allocate(4L * h.length, 64),
                    s.cell() == Cell.LSTM ? arena.allocate(4L * h.length, 64) : null);
            RnnLayer.States before = new RnnLayer.States(Naive.segment(arena, h),
                    s.cell() == Cell.LSTM ? Naive.segment(arena, c) : null);
            RnnLayer.Parameters parameters = new RnnLayer.Parameters(
                    Weights.constant(storage, new long[] {input, 1}, storage, 0),
                    Weights.constant(whSegment, new long[] {hidden, 1}, storage, 0),
                    bias ? Naive.segment(arena, bi) : null, bias ? Naive.segment(arena, bh) : null);
            oneDnn.rnn(s).run(DnnMemory.plain(F32, new long[] {steps, batch, input}, srcStrides,
                    Naive.segment(arena, x)), before,
                    parameters, DnnMemory.plain(F32, new long[] {steps, batch, hidden}, dstStrides, half), after);
            float[] actual = Naive.floats(out);
            for (int i = 0; i < steps; i++) {
                int t = s.reverse() ? steps - 1 - i : i;
                for (int n = 0; n < batch; n++) {
                    float[] xt = new float[input];
                    for (int k = 0; k < input; k++) xt[k] = x[(int) (t * srcStrides[0] + n * srcStrides[1] + k)];
                    step(s, xt, wi, wh, bi, bh, h, c, n * hidden);
                    for (int k = 0; k < hidden; k++) {
                        int at = (int) (t * dstStrides[0] + n * dstStrides[1] + k) + (batchFirst ? hidden : 0);
                        assertEquals(h[n * hidden + k], actual[at], 2e-5, s + " step " + t + " of sequence " + n);
                    }
                }
            }
            Naive.assertClose(s + " last hidden state", h, Naive.floats(after.hidden()), 2e-5);
            if (s.cell() == Cell.LSTM) Naive.assertClose(s + " last cell state", c, Naive.floats(after.cell()), 2e-5);
        }
    }

    /** One step of one sequence by the formulas in PyTorch's documentation; h and c are updated from {@code at} on. */
    private static void step(RnnSpec s, float[] x, float[] wi, float[] wh, float[] bi, float[] bh, float[] h, float[] c,
            int at) {
        int hidden = (int) s.hidden();
        double[][] fromInput = new double[s.cell().gates][hidden];
        double[][] fromHidden = new double[s.cell().gates][hidden];
        for (int g = 0; g < s.cell().gates; g++) {
            for (int j = 0; j < hidden; j++) {
                int row = g * hidden + j;
                fromInput[g][j] = bi[row];
                fromHidden[g][j] = bh[row];
                for (int k = 0; k < x.length; k++) fromInput[g][j] += (double) wi[row * x.length + k] * x[k];
                for (int k = 0; k < hidden; k++) fromHidden[g][j] += (double) wh[row * hidden + k] * h[at + k];
            }
        }
        for (int j = 0; j < hidden; j++) {
            double first = fromInput[0][j] + fromHidden[0][j];
            switch (s.cell()) {
                case RNN_TANH -> h[at + j] = (float) Math.tanh(first);
                case RNN_RELU -> h[at + j] = (float) Math.max(0, first);
                case GRU -> {
                    double update = sigmoid(fromInput[1][j] + fromHidden[1][j]);
                    double fresh = Math.tanh(fromInput[2][j] + sigmoid(first) * fromHidden[2][j]);
                    h[at + j] = (float) ((1 - update) * fresh + update * h[at + j]);
                }
                case LSTM -> {
                    double cell = sigmoid(fromInput[1][j] + fromHidden[1][j]) * c[at + j]
                            + sigmoid(first) * Math.tanh(fromInput[2][j] + fromHidden[2][j]);
                    c[at + j] = (float) cell;
                    h[at + j] = (float) (sigmoid(fromInput[3][j] + fromHidden[3][j]) * Math.tanh(cell));
                }
            }
        }
    }

    private static double sigmoid(double x) { return 1 / (1 + Math.exp(-x)); }

    private static float[] concat(float[] a, float[] b) {
        float[] both = java.util.Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}
