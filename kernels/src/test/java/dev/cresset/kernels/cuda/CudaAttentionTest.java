package dev.cresset.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.code.KernelSource;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Precision;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attention as one kernel against its definition in double precision. */
@EmulatedCuda(order = EmulatedCuda.ANY)
class CudaAttentionTest extends BesideTheHost {
    private static final double LOW = Double.NEGATIVE_INFINITY;
    private static final ScalarType F32 = ScalarType.FLOAT32, F16 = ScalarType.FLOAT16, BF16 = ScalarType.BFLOAT16;

    private final CallContext plain = at(Precision.FP32), splitting = at(Precision.PYTORCH), rounding = at(Precision.TF32);

    private CallContext at(Precision p) { return new CallContext(OPS, scope, deviceNumbers, System.out, 1, false).on(stream.call(null, throughHost, p)); }

    private Tensor random(ScalarType t, long... sizes) { return to(t, host.tensor("aten::randn", sizes)); }

    private Tensor to(ScalarType t, Tensor x) { return host.tensor("aten::to.dtype", x, (long) t.code()); }

    /** Which scores count: three of four. */
    private Tensor mask(long... sizes) { return host.tensor("aten::lt.Scalar", host.tensor("aten::rand", sizes), 0.75); }

    /** On the device, lying as on the host. */
    private Tensor there(Tensor t) {
        if (t == null) return null;
        long span = t.offset() + 1;
        for (int d = 0; d < t.dim(); d++) span += (t.sizes()[d] - 1) * t.strides()[d];
        Tensor all = cuda.place(new Tensor(t.storage(), t.dtype(), 0, new long[] {span}, new long[] {1}), device.device());
        return new Tensor(all.storage(), t.dtype(), t.offset(), t.sizes(), t.strides());
    }

    private Tensor doubled(Tensor t) { return t == null || t.dtype() == ScalarType.BOOL ? t : to(ScalarType.FLOAT64, t); }

    /** Of a product of so many elements rounded to the type once, and of weights that were rounded before. */
    private static double tolerance(ScalarType t) {
        return switch (t) {
            case FLOAT16 -> 2e-3;
            case BFLOAT16 -> 1.5e-2;
            default -> 5e-6;
        };
    }

    /** On the device; of float32 by tensor cores, too. */
    private Tensor same(Tensor q, Tensor k, Tensor v, Tensor mask, double scale, double hidden, boolean causal, boolean zeros) {
        Object[] given = {there(q), there(k), there(v), there(mask), scale, hidden, causal, zeros};
        Tensor want = host.tensor("cresset::attention", doubled(q), doubled(k), doubled(v), doubled(mask), scale, hidden, causal, zeros);
        Tensor got = plain.tensor("cresset::attention", given);
        near(want, got, q.dtype());
        if (q.dtype() != F32) return got;
        near(want, splitting.tensor("cresset::attention", given), F32);
        near(want, rounding.tensor("cresset::attention", given), F32, 3e-3);
        return got;
    }

    private static void near(Tensor want, Tensor got, ScalarType type) { near(want, got, type, tolerance(type)); }

    private static void near(Tensor want, Tensor got, ScalarType type, double tolerance) {
        assertEquals(type, got.dtype());
        assertArrayEquals(want.sizes(), got.sizes());
        double[] w = want.toDoubleArray(), g = got.toDoubleArray();
        for (int i = 0; i < w.length; i++) {
            boolean equal = Double.compare(w[i], g[i]) == 0 || Math.abs(w[i] - g[i]) <= tolerance * (1 + Math.abs(w[i]));
            assertTrue(equal, "element " + i + ": " + g[i] + " instead of " + w[i]);
        }
    }

    private void plain(ScalarType t, long rows, long keys, long width, long valueWidth) {
        same(random(t, 2, rows, width), random(t, 2, keys, width), random(t, 2, keys, valueWidth), null, 1 / Math.sqrt(width), LOW, false, false);
    }

    private Set<String> kernels() {
        return device.kernels().needed().stream().map(KernelSource::entry).filter(n -> n.startsWith("attention")).collect(Collectors.toSet());
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1, 1", "5, 7, 8, 8", "64, 64, 32, 32", "65, 129, 64, 64", "3, 70, 33, 40", "66, 63, 96, 70", "17, 65, 128, 128", "20, 40, 200, 256",
        "70, 66, 40, 64"})
    void sizes(long rows, long keys, long width, long valueWidth) {
        plain(F32, rows, keys, width, valueWidth);
        plain(F16, rows, keys, width, valueWidth);
        plain(BF16, rows, keys, width, valueWidth);
    }

    @Test void tensorCoresAreForAlignedRows() {
        plain(F16, 2, 3, 64, 64);
        plain(BF16, 2, 3, 8, 72);
        plain(F32, 2, 3, 64, 68);
        assertEquals(Set.of("attention_rounded_f16_64", "attention_rounded_bf16_96", "attention_plain_f32_96", "attention_split_f32_96", "attention_rounded_f32_96"), kernels());
        plain(F32, 2, 3, 63, 64);
        assertFalse(kernels().contains("attention_rounded_f32_64") || kernels().contains("attention_split_f32_64"));
        plain(F16, 2, 3, 60, 64);
        Tensor odd = Views.narrow(random(F16, 1, 2, 3, 65), 3, 1, 64);
        same(odd, random(F16, 1, 2, 3, 64), odd, null, 0.1, LOW, false, false);
        assertTrue(kernels().contains("attention_plain_f16_64"));
    }

    /** As heads are split: of one projection, in any order of dimensions, the values transposed. */
    @Test void layouts() {
        for (ScalarType t : new ScalarType[] {F32, F16}) {
            Tensor all = Views.view(random(t, 2, 9, 3 * 4 * 16), 2, 9, 3, 4, 16);
            Tensor[] heads = new Tensor[3];
            for (int i = 0; i < 3; i++) heads[i] = Views.permute(Views.select(all, 2, i), 0, 2, 1, 3);
            Tensor got = same(heads[0], heads[1], heads[2], null, 0.25, LOW, false, false);
            assertArrayEquals(new long[] {9 * 64, 16, 64, 1}, got.strides(), "as the query lies");
            same(Views.transpose(random(t, 2, 16, 9), 1, 2), Views.transpose(random(t, 2, 16, 70), 1, 2), Views.transpose(random(t, 2, 24, 70), 1, 2), null, 0.25,
                LOW, false, false);
            same(random(t, 5, 16), random(t, 6, 16), random(t, 6, 3), null, 0.25, LOW, false, false);
        }
    }

    /** So that a block computes one item after the other: a launch has at most 128. */
    @Test void moreBatchesThanBlocks() {
        same(random(F32, 140, 3, 8), random(F32, 140, 20, 8), random(F32, 140, 20, 12), null, 0.3, LOW, true, false);
        same(random(F16, 140, 3, 8), random(F16, 140, 20, 8), random(F16, 140, 20, 16), null, 0.3, LOW, false, false);
    }

    @Test void batchesBroadcast() {
        same(random(F32, 2, 1, 5, 8), random(F32, 3, 6, 8), random(F32, 1, 1, 6, 4), mask(2, 3, 1, 6), 0.3, LOW, false, false);
        same(random(F16, 5, 8), random(F16, 3, 6, 8), random(F16, 6, 8), null, 0.3, LOW, false, false);
    }

    @ParameterizedTest
    @CsvSource({"FLOAT32", "FLOAT16", "BFLOAT16"})
    void masks(ScalarType t) {
        Tensor q = random(t, 2, 3, 70, 16), k = random(t, 2, 3, 75, 16), v = random(t, 2, 3, 75, 8);
        for (long[] sizes : new long[][] {{2, 3, 70, 75}, {2, 1, 1, 75}, {70, 75}, {1, 3, 70, 1}, {75}}) {
            same(q, k, v, mask(sizes), 0.25, LOW, false, false);
            same(q, k, v, random(t, sizes), 0.25, LOW, false, false);
        }
        same(q, k, v, Views.transpose(mask(75, 70), 0, 1), 0.25, LOW, false, false);
        same(q, k, v, null, 0.25, LOW, true, false);
        same(k, q, random(t, 2, 3, 70, 8), null, 0.25, LOW, true, false);
    }

    /** What nothing is seen of, what is not a number, and lowest numbers in the place of infinity. */
    @Test void rowsWithoutKeys() {
        for (ScalarType t : new ScalarType[] {F32, F16}) {
            Tensor q = random(t, 1, 4, 8), k = random(t, 1, 6, 8), v = random(t, 1, 6, 8);
            Tensor seen = Tensor.of(new float[] {0, 0, 0, 1}, 1, 4, 1);
            for (boolean zeros : new boolean[] {true, false}) same(q, k, v, to(ScalarType.BOOL, seen), 0.3, LOW, false, zeros);
            same(q, k, v, to(ScalarType.BOOL, seen), 0.3, -1e4, false, true);
            same(q, k, v, host.tensor("aten::log", to(t, seen)), 0.3, LOW, false, true);
        }
        Tensor q = random(F32, 1, 4, 8), k = random(F32, 1, 6, 8), v = random(F32, 1, 6, 8);
        Tensor lowest = Tensor.of(new float[] {-Float.MAX_VALUE, -Float.MAX_VALUE, 0, -Float.MAX_VALUE}, 1, 4, 1);
        same(q, k, v, lowest, 0.3, LOW, false, false);
        Tensor odd = Tensor.of(new float[] {1, Float.NaN, 0, Float.POSITIVE_INFINITY, 2, 1, 0, 1}, 1, 1, 8);
        same(q, k, v, Tensor.of(new float[] {0, Float.NaN, 0, 0, Float.POSITIVE_INFINITY, 0}, 1, 1, 6), 0.3, LOW, false, false);
        same(host.tensor("aten::cat", List.of(odd, q), 1L), k, v, null, 0.3, LOW, false, false);
        Tensor infinite = Tensor.of(new float[] {Float.POSITIVE_INFINITY, 1, Float.NEGATIVE_INFINITY, 1e30f, 0, 0, 1, 1}, 1, 1, 8);
        same(q, k, Views.narrow(host.tensor("aten::cat", List.of(infinite, v), 1L), 1, 0, 6), null, 0.3, LOW, false, false);
    }

    /** A few rows that see many keys: parts of the keys are joined. */
    @Test void fewRowsOfManyKeys() {
        for (ScalarType t : new ScalarType[] {F32, F16, BF16}) {
            Tensor k = random(t, 1, 2, 1300, 16), v = random(t, 1, 2, 1300, 24);
            same(random(t, 1, 2, 1, 16), k, v, null, 0.25, LOW, false, false);
            same(random(t, 1, 2, 3, 16), k, v, random(t, 3, 1300), 0.25, LOW, false, false);
            Tensor early = to(ScalarType.BOOL, host.tensor("aten::lt.Scalar", host.tensor("aten::arange", 1300L), 40L));
            same(random(t, 1, 2, 3, 16), k, v, early, 0.25, LOW, false, false);
            same(random(t, 1, 2, 3, 16), k, v, host.tensor("aten::zeros", new long[] {1300}, ScalarType.BOOL), 0.25, LOW, false, true);
        }
        same(random(F32, 1, 1, 600, 16), random(F32, 1, 1, 700, 16), random(F32, 1, 1, 700, 16), null, 0.25, LOW, true, false);
        assertTrue(kernels().containsAll(Set.of("attention_join_f32", "attention_join_f16", "attention_join_bf16")), kernels().toString());
        Tensor q = random(F32, 1, 2, 1, 16), k = random(F32, 1, 2, 1300, 16), v = random(F32, 1, 2, 1300, 16);
        Tensor first = same(q, k, v, null, 0.25, LOW, false, false), second = same(q, k, v, null, 0.25, LOW, false, false);
        assertArrayEquals(first.toFloatArray(), second.toFloatArray());
    }

    @Test void whatHasNoKernelIsComposed() {
        same(random(F32, 1, 2, 300), random(F32, 1, 3, 300), random(F32, 1, 3, 4), null, 0.05, LOW, false, false);
        Tensor x = random(ScalarType.FLOAT64, 1, 2, 5);
        near(host.tensor("cresset::attention", x, x, x, null, 1.0, LOW, true, false),
            cuda.tensor("cresset::attention", there(x), there(x), there(x), null, 1.0, LOW, true, false), ScalarType.FLOAT64);
        assertEquals(Set.of(), kernels());
    }

    @Test void pytorchsOperator() {
        Tensor q = random(F32, 2, 4, 5, 8), k = random(F32, 2, 2, 7, 8), v = random(F32, 2, 2, 7, 8);
        Object[][] calls = {{q, q, q}, {q, q, q, null, 0.0, true}, {q, q, q, mask(5, 5)}, {q, k, v, null, 0.0, false, 0.5, true}};
        for (Object[] call : calls) {
            Tensor got = cuda.tensor("aten::scaled_dot_product_attention", Arrays.stream(call).map(a -> a instanceof Tensor t ? there(t) : a).toArray());
            near(host.tensor("aten::scaled_dot_product_attention", call), got, F32);
            assertTrue(got.isContiguous());
        }
        assertEquals(Set.of("attention_plain_f32_32"), kernels());
    }

    @Test void multiHeadAttention() {
        Tensor x = random(F32, 2, 5, 8), w = random(F32, 24, 8), b = random(F32, 24), wo = random(F32, 8, 8), bo = random(F32, 8);
        Tensor hidden = to(ScalarType.BOOL, Tensor.of(new float[] {0, 1, 0, 1, 1, 1, 1, 1, 1, 1}, 2, 5));
        for (Tensor mask : new Tensor[] {null, hidden}) {
            Object[] call = {x, x, x, 8L, 2L, w, b, wo, bo, mask, false, true, 1L};
            Object[] there = Arrays.stream(call).map(a -> a instanceof Tensor t ? there(t) : a).toArray();
            there[1] = there[2] = there[0];
            Object[] want = (Object[]) host.call("aten::_native_multi_head_attention", call);
            near((Tensor) want[0], (Tensor) ((Object[]) cuda.call("aten::_native_multi_head_attention", there))[0], F32);
        }
        assertEquals(Set.of("attention_plain_f32_32"), kernels());
    }
}
