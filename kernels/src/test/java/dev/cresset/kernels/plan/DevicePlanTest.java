package dev.cresset.kernels.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.CudaEmulation;
import dev.cresset.kernels.cuda.EmulatedCuda;
import dev.cresset.kernels.op.Precision;
import dev.cresset.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Plans on the emulated device give what their operators give on the host, and run as recorded graphs. */
@EmulatedCuda(order = EmulatedCuda.ANY)
class DevicePlanTest {
    @TempDir private Path folder;
    private final Trace t = new Trace(1);

    private String check(double tolerance, Value... outputs) { return check(t, tolerance, outputs); }

    private static String check(Trace t, double tolerance, Value... outputs) {
        try (OnDevice d = new OnDevice()) {
            return d.check(t, tolerance, outputs);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mlp", "resnet-small", "bert-small", "lstm-small"})
    void networks(String name) {
        Models m = Models.of(name, 2);
        String text = check(m.t, 2e-3, m.result);
        assertTrue(text.contains("1 graph with "), text);
    }

    @RepeatedTest(3) void matrices(RepetitionInfo info) { random(RandomPlans.ofMatrices(info.getCurrentRepetition())); }

    @RepeatedTest(3) void images(RepetitionInfo info) { random(RandomPlans.ofImages(info.getCurrentRepetition())); }

    private static void random(RandomPlans p) { check(p.t, 2e-3, p.results()); }

    @Test void oneKernelForAGroup() {
        Value x = t.input(3, 4), y = t.input(4);
        Value s = t.op("add.Tensor", x, y, 2);
        String text = check(1e-6, t.op("sigmoid", t.op("mul.Tensor", s, x)), s);
        assertTrue(text.contains("1 graph with 1 node"), text);
    }

    /** Each product of few rows with all that follows it; the matrices of mm and addmm are laid out once. */
    @ParameterizedTest
    @ValueSource(longs = {1, 3})
    void productsOfFewRowsAreOneKernelEach(long rows) {
        Models m = Models.of("mlp", rows);
        assertTrue(check(m.t, 1e-4, m.result).contains("1 graph with 4 nodes"));
        Value x = t.input(rows, 24), y = t.op("gelu", t.op("mm", x, t.weight(24, 16)), "tanh");
        Value z = t.op("add.Tensor", t.op("addmm", t.weight(8), y, t.weight(16, 8)), t.input(rows, 8), 2);
        String text = check(1e-4, z);
        assertTrue(text.contains("1 graph with 2 nodes"), text);
    }

    /** What the library does not do together with a product is done by a generated kernel that computes the product, too. */
    @ParameterizedTest
    @ValueSource(longs = {5, 37, 128})
    void productsWithWhatTheLibraryDoesNotDo(long rows) {
        Value x = t.input(rows, 24), gate = t.input(rows, 48);
        Value y = t.op("mul.Tensor", t.op("gelu", t.op("linear", x, t.weight(48, 24), t.weight(48)), "none"), gate);
        Value z = t.op("linear", y, t.weight(20, 48), t.weight(20)), swish = t.op("mul.Tensor", z, t.op("sigmoid", z));
        String text = check(1e-4, t.op("add.Tensor", swish, t.input(20), 2));
        assertTrue(text.contains("1 graph with 2 nodes") && text.contains("fused linear gelu mul") && text.contains("fused linear sigmoid mul add"), text);
    }

    /** Long sums of few tiles are cut, and what a program reads of the middle stays a tensor. */
    @Test void productsInParts() {
        Value x = t.input(2, 3, 1030), y = t.op("linear", x, t.weight(20, 1030), t.weight(20)), a = t.op("sin", y);
        String text = check(1e-3, t.op("neg", a), a);
        assertTrue(text.contains(" parts") && text.contains("fused linear sin"), text);
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16"})
    void narrowProductsWithWhatTheLibraryDoesNotDo(ScalarType type) {
        Value x = t.op("to.dtype", t.input(33, 40), type, false, false, null);
        Value y = t.op("silu", t.op("linear", x, Trace.narrow(t.weight(24, 40), type), Trace.narrow(t.weight(24), type)));
        String text = check(type == ScalarType.FLOAT16 ? 4e-3 : 4e-2, t.op("to.dtype", y, ScalarType.FLOAT32, false, false, null));
        assertTrue(text.contains("fused linear silu") && text.contains("by tensor cores"), text);
    }

    /** A row, a tensor and an activation are added and applied by the product's call; other functions are kernels. */
    @Test void productsWithWhatFollowsAreOneCall() {
        Value x = t.input(7, 24), r = t.input(7, 16), y = t.op("relu", t.op("add.Tensor", r, t.op("linear", x, t.weight(16, 24), t.weight(16)), 1));
        Value z = t.op("gelu", t.op("addmm", t.weight(8), y, t.weight(16, 8)), "tanh");
        Value exact = t.op("gelu", t.op("linear", z, t.weight(8, 8), t.weight(8)), "none");
        String text = check(1e-4, exact, y);
        assertTrue(text.contains("a row added, in1 Float[7, 16] added, relu") && text.contains("gelu tanh"), text);
        assertTrue(text.contains("1 graph with 3 nodes"), text);
    }

    @Test void batchesOfProductsWithWhatFollows() {
        Value a = t.input(2, 3, 6, 5), b = t.input(3, 5, 8), c = t.input(2, 3, 6, 8);
        Value y = t.op("relu", t.op("add.Tensor", t.op("matmul", a, b), c, 1));
        Value z = t.op("baddbmm", t.input(4, 6, 8), t.input(4, 6, 5), t.op("transpose.int", t.input(4, 8, 5), 1, 2), 1, 0.5);
        String text = check(1e-4, y, z, t.op("relu", t.op("linear", t.op("t", t.input(24, 6)), t.weight(16, 24))));
        assertTrue(text.contains(", relu"), text);
    }

    @Test void productsOfHalvesWithWhatFollows() {
        Value x = t.op("to.dtype", t.input(6, 32), ScalarType.FLOAT16, false, false, null);
        Value y = t.op("gelu", t.op("linear", x, Trace.half(t.weight(24, 32)), Trace.half(t.weight(24))), "tanh");
        String text = check(4e-3, t.op("to.dtype", y, ScalarType.FLOAT32, false, false, null));
        assertTrue(text.contains("by cuBLASLt, a row added, gelu tanh"), text);
    }

    /** The products of input and state, the gates' parts, and both results. */
    @Test void anLstmCellIsOneKernel() {
        long n = 16;
        Value x = t.input(1, n), h = t.input(1, n), c = t.input(1, n);
        Value gates = t.op("add.Tensor", t.op("linear", x, t.weight(4 * n, n), t.weight(4 * n)), t.op("linear", h, t.weight(4 * n, n), t.weight(4 * n)), 1);
        List<Value> g = t.ops("chunk", gates, 4, 1);
        Value next = t.op("add.Tensor", t.op("mul.Tensor", t.op("sigmoid", g.get(1)), c), t.op("mul.Tensor", t.op("sigmoid", g.get(0)), t.op("tanh", g.get(2))), 1);
        String text = check(1e-4, t.op("mul.Tensor", t.op("sigmoid", g.get(3)), t.op("tanh", next)), next);
        assertTrue(text.contains("1 graph with 1 node"), text);
    }

    @Test void productsOfFewHalves() {
        Value x = t.op("to.dtype", t.input(2, 32), ScalarType.FLOAT16, false, false, null);
        Value y = t.op("relu", t.op("linear", x, Trace.half(t.weight(24, 32)), Trace.half(t.weight(24))));
        String text = check(2e-3, t.op("to.dtype", y, ScalarType.FLOAT32, false, false, null));
        assertTrue(text.contains("1 graph with 1 node"), text);
    }

    @Test void resultsThatAreViewsInputsOrConstants() {
        Value x = t.input(2, 3);
        Value y = t.op("relu", x);
        check(0, t.op("t", y), y, y, x, t.op("select.int", x, 0, 1), t.op("reshape", y, new long[] {6}));
    }

    /** Heads of a projection, scaled and masked in the usual ways: one kernel, and the heads are joined without a copy. */
    @Test void attention() {
        Value x = t.input(2, 9, 24), seen = t.op("gt.Scalar", t.input(9, 9), -0.5), low = t.input(2, 1, 1, 9);
        Value[] heads = new Value[3];
        for (int i = 0; i < 3; i++) {
            Value p = t.op("linear", x, t.weight(24, 24), t.weight(24));
            heads[i] = t.op("transpose.int", t.op("view", p, new long[] {2, 9, 3, 8}), 1, 2);
        }
        Value keys = t.op("transpose.int", heads[1], -1, -2);
        Value scores = t.op("div.Scalar", t.op("matmul", heads[0], keys), 3.0), scaled = t.op("matmul", t.op("mul.Scalar", heads[0], 0.25), keys);
        Value hidden = t.op("masked_fill.Scalar", t.op("mul.Scalar", t.op("matmul", heads[0], keys), 0.5), t.op("logical_not", seen), -1e9);
        List<Value> out = new ArrayList<>();
        Value shifted = t.op("gt.Scalar", t.input(9, 9), -1.5);
        Value twice = t.op("masked_fill.Scalar", t.op("masked_fill.Scalar", t.op("matmul", heads[0], keys), t.op("logical_not", seen), -1e4), t.op("logical_not", shifted), -1e4);
        for (Value s : List.of(scores, t.op("add.Tensor", scaled, low, 1), hidden, twice)) {
            Value context = t.op("matmul", t.op("dropout", t.op("softmax.int", s, -1, null), 0.1, false), heads[2]);
            out.add(t.op("tanh", t.op("reshape", t.op("transpose.int", context, 1, 2), new long[] {2, 9, 24})));
        }
        String text = check(2e-5, out.toArray(Value[]::new));
        assertEquals(4, text.lines().filter(l -> l.contains("cresset::attention")).count(), text);
        assertTrue(!text.contains("softmax") && !text.contains("copy"), text);
    }

    /** The decomposition runs on the host: it stands between what is recorded. */
    @Test void whatTheHostTakesPartIn() {
        Value x = t.input(3, 3);
        Value a = t.op("relu", t.op("mm", x, x));
        Value inverse = t.op("linalg_inv", t.op("add.Tensor", a, Tensor.of(new float[] {4, 0, 0, 0, 4, 0, 0, 0, 4}, 3, 3), 1));
        String text = check(1e-4, t.op("tanh", t.op("mm", inverse, a)));
        assertTrue(text.contains("2 graphs with ") && text.contains("that the host takes part in"), text);
    }

    @Test void compositionsAndOtherTypes() {
        Value x = t.input(3, 5), i = t.input(Tensor.of(new long[] {2, 0}, 2));
        Value rows = t.op("index_select", x, 0, i);
        Value gathered = t.op("index.Tensor", x, List.of(i));
        Value wide = t.op("to.dtype", t.op("matmul", rows, t.op("t", x)), ScalarType.FLOAT64, false, false, null);
        List<Value> sorted = t.ops("sort", x, 1, true);
        check(1e-5, t.op("softmax.int", wide, 1, null), t.op("add.Tensor", gathered, rows, 1), sorted.get(0), sorted.get(1),
            t.op("cat", List.of(x, rows), 0), t.op("gt.Scalar", x, 0.0));
    }

    /** Weights are packed before anything is recorded. */
    @Test void recurrentLayersAreOneNode() {
        Value x = t.input(5, 2, 3);
        List<Value> all = t.ops("lstm.input", x, List.of(t.input(1, 2, 4), t.input(1, 2, 4)), List.of(t.weight(16, 3), t.weight(16, 4), t.weight(16), t.weight(16)),
            true, 1, 0.0, false, false, false);
        String text = check(1e-5, all.toArray(Value[]::new));
        assertTrue(text.contains("1 graph with 1 node"), text);
    }

    private static final long[] ONE = {1, 1};

    private Value convolution(Value x, Tensor bias) { return t.op("conv2d", x, t.weight(6, 4, 3, 3), bias, ONE, ONE); }

    private Value norm(Value x, long c) { return t.op("batch_norm", x, t.weight(c), t.weight(c), t.weight(c), t.positive(c), false, 0.1, 1e-5, true); }

    /** The steps of a plan with one graph of so many nodes. */
    private void convolutions(int nodes, String steps, Value... outputs) {
        String text = check(1e-4, outputs);
        assertTrue(text.contains("1 graph with " + nodes + " node"), text);
        assertTrue(text.contains(steps), text);
    }

    @Test void convolutionsWithTheirBias() { convolutions(1, "convolution [", convolution(t.input(2, 4, 5, 6), t.weight(6))); }

    @Test void convolutionsWithRelu() { convolutions(1, "convolution relu [", t.op("relu", norm(convolution(t.input(2, 4, 5, 6), null), 6))); }

    @Test void convolutionsWithSums() {
        Value x = t.input(2, 4, 5, 6), z = t.input(2, 6, 5, 6);
        convolutions(1, "convolution add relu [", t.op("relu", t.op("add.Tensor", z, convolution(x, t.weight(6)), 1)));
    }

    /** Bias and sum are one call, the rest is another kernel's. */
    @Test void whatConvolutionsDoNotDo() {
        Value x = t.input(2, 4, 5, 6), z = t.input(2, 6, 5, 6);
        Value y = t.op("relu", t.op("add.Tensor", convolution(x, null), z, 1));
        convolutions(2, "convolution add relu [", t.op("add.Tensor", t.op("mul.Tensor", y, z), t.input(6, 1, 1), 2));
    }

    @Test void convolutionsThatCuDnnDoesAlone() {
        CudaEmulation.set("refuse_fused", 1);
        convolutions(2, "convolution relu [", t.op("relu", convolution(t.input(2, 4, 5, 6), t.weight(6))));
    }

    /** cuDNN's kernels may read 16 bytes at once. */
    @Test void convolutionsOfWhatLiesAnywhere() {
        Value x = t.op("view", t.op("narrow", t.input(1 + 240), 0, 1, 240), new long[] {2, 4, 5, 6});
        convolutions(2, "convolution [", convolution(x, t.weight(6)));
    }

    @Test void convolutionsWithoutBatchAndInLines() {
        convolutions(1, "convolution add [", t.op("add.Tensor", convolution(t.input(4, 5, 6), t.weight(6)), t.input(6, 5, 6), 1));
        Trace line = new Trace(2);
        check(line, 1e-4, line.op("relu", line.op("conv1d", line.input(2, 4, 9), line.weight(6, 2, 3), null, 2, 1, 1, 2)));
    }

    @Test void convolutionsByChannelsLast() {
        Value x = t.op("to.dtype", t.op("permute", t.input(2, 5, 6, 4), new long[] {0, 3, 1, 2}), ScalarType.FLOAT32, false, false, null);
        convolutions(1, "by cuDNN, channels-last", t.op("relu", convolution(x, t.weight(6))));
    }

    @Test void poolsByChannelsLast() {
        Value x = t.op("to.dtype", t.op("permute", t.input(2, 5, 6, 4), new long[] {0, 3, 1, 2}), ScalarType.FLOAT32, false, false, null);
        Value pooled = t.op("max_pool2d", convolution(x, t.weight(6)), new long[] {2, 2}, new long[] {2, 2}, new long[] {0, 0}, ONE, false);
        check(1e-4, t.op("adaptive_avg_pool2d", pooled, ONE));
    }

    /** @param times of all that is measured, one after the other */
    private String measured(DoubleSupplier times) {
        try (OnDevice d = new OnDevice()) {
            Trace t = new Trace(4);
            Value x = t.input(2, 4, 5, 6), y = t.op("relu", t.op("conv2d", x, t.weight(6, 4, 3, 3), t.weight(6), ONE, ONE));
            return d.check(OnDevice.measuring(folder, "device", times), t, 1e-4, t.op("conv2d", y, t.weight(3, 6, 1, 1), null));
        }
    }

    private static void contains(String text, String... parts) { for (String p : parts) assertTrue(text.contains(p), text); }

    /** What is measured first counts as the fastest, or what is measured last; then nothing is measured any more. */
    @Test void measuredAlgorithmsAndLayouts() {
        double[] last = {1000};
        String text = measured(() -> last[0]--);
        contains(text, "cuDNN, channels-last, algorithm 0, then a kernel", "cuDNN, channels-last, algorithm 0, scratch");
        assertEquals(text, measured(() -> fail("measures again")));
    }

    /** @param times as {@link #measured} */
    private String measuredProduct(DoubleSupplier times) { return measuredProduct(Precision.FP32, times); }

    private String measuredProduct(Precision precision, DoubleSupplier times) {
        try (OnDevice d = new OnDevice(precision)) {
            Trace t = new Trace(5);
            return d.check(OnDevice.measuring(folder, "device", times), t, 1e-3, t.op("gelu", t.op("linear", t.input(6, 512), t.weight(40, 512), t.weight(40)), "none"));
        }
    }

    /** The library's call and a kernel, one kernel, or two that do the sums in parts: what is measured last counts as the fastest, or first. */
    @Test void measuredProducts() {
        double[] last = {1000};
        String text = measuredProduct(() -> last[0]--);
        contains(text, "fused product", " parts", "1 graph with 2 nodes");
        assertEquals(text, measuredProduct(() -> fail("measures again")));
    }

    /** Only where rounding otherwise than float32 does is allowed. */
    @Test void tensorCoresForFloat32() {
        double[] last = {1000};
        contains(measuredProduct(Precision.PYTORCH, () -> last[0]--), "fused product", "by tensor cores, operands split");
        assertFalse(measuredProduct(() -> last[0]--).contains("tensor cores"));
    }

    @Test void theLibraryMayBeFaster() {
        double[] last = {0};
        contains(measuredProduct(() -> last[0]++), "by cuBLASLt, a row added", "fused gelu");
    }

    @Test void whatIsMeasuredFirstMayStay() {
        double[] last = {0};
        contains(measured(() -> last[0]++), "cuDNN, row-major, algorithm 1, scratch", "1 graph with 2 nodes");
    }
}
