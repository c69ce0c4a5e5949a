package dev.cresset.kernels.ops.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.ops.Operators;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The library's float32 against the Java loops' float64, and values computed by PyTorch 1.13. */
class NetworksTest {
    private static final Catalog OPS = Operators.catalog();

    private final CallContext context = new CallContext(OPS, new Scope(new MemoryPool(1 << 20)), new Generator(0), System.out, 2, false);

    private Tensor run(String op, Object... arguments) { return context.tensor("aten::" + op, arguments); }

    private static Tensor random(int seed, long... shape) {
        Random r = new Random(seed);
        float[] v = new float[(int) Shapes.numel(shape)];
        for (int i = 0; i < v.length; i++) v[i] = r.nextFloat() - 0.5f;
        return Tensor.of(v, shape);
    }

    private static Tensor counting(long... shape) {
        float[] v = new float[(int) Shapes.numel(shape)];
        for (int i = 0; i < v.length; i++) v[i] = i;
        return Tensor.of(v, shape);
    }

    private Tensor as(ScalarType type, Tensor t) {
        Tensor out = Tensor.zeros(type, t.sizes());
        run("copy_", out, t, false);
        return out;
    }

    private Object wide(Object v) {
        return switch (v) {
            case Tensor t -> as(ScalarType.FLOAT64, t);
            case List<?> l -> l.stream().map(this::wide).toList();
            case null, default -> v;
        };
    }

    /** The call gives the same in float32 and in float64. */
    private void assertSameWide(String op, Object... arguments) {
        Object narrow = context.call("aten::" + op, arguments);
        Object[] doubles = new Object[arguments.length];
        for (int i = 0; i < doubles.length; i++) doubles[i] = wide(arguments[i]);
        Object wide = context.call("aten::" + op, doubles);
        Object[] got = narrow instanceof Object[] a ? a : new Object[] {narrow};
        Object[] want = wide instanceof Object[] a ? a : new Object[] {wide};
        for (int i = 0; i < got.length; i++) {
            Tensor g = (Tensor) got[i], w = (Tensor) want[i];
            assertArrayEquals(w.sizes(), g.sizes(), op);
            assertArrayEquals(w.toDoubleArray(), g.toDoubleArray(), 1e-5, op);
        }
    }

    @Test void matrixProductsOfAllRanks() {
        long[][][] shapes = {{{3}, {3}}, {{2, 3}, {3}}, {{3}, {3, 4}}, {{2, 3}, {3, 4}}, {{5, 2, 3}, {3, 4}}, {{5, 2, 3}, {5, 3, 4}},
            {{2, 1, 2, 3}, {5, 3, 4}}, {{2, 3}, {5, 3, 4}}, {{0, 3}, {3, 4}}, {{2, 0}, {0, 4}}, {{4, 3}, {2, 5, 3, 1}}};
        for (long[][] s : shapes) assertSameWide("matmul", random(1, s[0]), random(2, s[1]));
        Tensor odd = Views.slice(random(3, 4, 6), 1, 0, 6, 2);
        assertSameWide("mm", odd, Views.transpose(random(4, 5, 3), 0, 1));
        Tensor repeated = Views.expand(random(6, 1, 2, 3), new long[] {4, 2, 3});
        assertSameWide("matmul", repeated, random(7, 1, 3, 2));
        assertSameWide("bmm", repeated, Views.expand(random(7, 3, 2), new long[] {4, 3, 2}));
        assertThrows(ScriptError.class, () -> run("mm", random(1, 2, 3), random(2, 2, 3)));
    }

    @Test void otherNumberTypes() {
        Tensor x = Tensor.of(new long[] {1, 2, 3, 4}, 2, 2);
        assertArrayEquals(new long[] {7, 10, 15, 22}, run("mm", x, x).toLongArray());
        Tensor half = as(ScalarType.FLOAT16, counting(2, 2));
        assertArrayEquals(new double[] {2, 3, 6, 11}, run("mm", half, half).toDoubleArray());
        assertEquals(ScalarType.FLOAT16, run("mm", half, half).dtype());
    }

    @Test void sumsWithFactors() {
        Tensor self = random(1, 4), a = random(2, 3, 5), b = random(3, 5, 4);
        assertSameWide("addmm", self, a, b, 1L, 1L);
        assertSameWide("addmm", self, a, b, 0.5, 2.0);
        Tensor nan = Tensor.of(new float[] {Float.NaN}, 1);
        assertSameWide("addmm", nan, a, b, 0L, 1L);
        assertSameWide("linear", random(4, 2, 3, 5), random(5, 7, 5), random(6, 7));
    }

    @Test void packedWeightsFollowInPlaceWrites() {
        Tensor memory = random(1, 40, 30);
        Tensor weight = new Tensor(Storage.readOnly(memory.data()), ScalarType.FLOAT32, 0, memory.sizes(), memory.strides());
        Tensor x = random(2, 20, 30);
        float[] before = run("linear", x, weight, null).toFloatArray();
        run("mul_.Scalar", weight, 2.0);
        float[] after = run("linear", x, weight, null).toFloatArray();
        for (int i = 0; i < before.length; i++) assertEquals(2 * before[i], after[i], 1e-5);
    }

    @Test void einsumEquations() {
        assertSameWide("einsum", "bij,bjk->bik", List.of(random(1, 2, 3, 4), random(2, 2, 4, 5)));
        assertSameWide("einsum", "...ij,jk", List.of(random(1, 2, 2, 3, 4), random(2, 4, 5)));
        assertSameWide("einsum", "ij,ik,il->jkl", List.of(random(1, 3, 2), random(2, 3, 4), random(3, 3, 2)));
        assertArrayEquals(new float[] {0, 4, 8}, run("einsum", "ii->i", List.of(counting(3, 3))).toFloatArray());
        assertArrayEquals(new float[] {3, 12, 21}, run("einsum", "ij->i", List.of(counting(3, 3))).toFloatArray());
    }

    @Test void convolutionsOfAllRanks() {
        long[] two = {2}, one = {1}, zero = {0};
        assertSameWide("conv1d", random(1, 2, 4, 9), random(2, 6, 2, 3), random(3, 6), two, one, one, 2);
        assertSameWide("conv2d", random(1, 2, 4, 9, 8), random(2, 6, 4, 3, 2), null, new long[] {2, 1}, new long[] {0, 1},
            new long[] {1, 2}, 1);
        assertSameWide("conv2d", random(1, 4, 9, 8), random(2, 4, 1, 3, 3), random(3, 4), new long[] {1, 1}, new long[] {1, 1},
            new long[] {1, 1}, 4);
        assertSameWide("conv3d", random(1, 1, 2, 5, 4, 6), random(2, 3, 2, 2, 2, 2), random(3, 3), new long[] {1, 1, 1},
            new long[] {1, 1, 1}, new long[] {1, 1, 1}, 1);
        assertSameWide("conv2d.padding", random(1, 2, 3, 6, 5), random(2, 4, 3, 2, 2), random(3, 4), new long[] {1, 1}, "same",
            new long[] {1, 1}, 1);
        assertSameWide("conv_transpose1d", random(1, 2, 4, 5), random(2, 4, 3, 3), random(3, 6), two, one, one, 2, one);
        assertSameWide("conv_transpose2d.input", random(1, 2, 4, 5, 4), random(2, 4, 3, 3, 2), null, new long[] {3, 2},
            new long[] {1, 0}, new long[] {1, 1}, 1, new long[] {1, 1});
        assertEquals(0, run("conv1d", random(1, 0, 4, 9), random(2, 6, 4, 3), null, one, zero, one, 1).numel());
    }

    @Test void channelsLastStaysChannelsLast() {
        Tensor x = run("contiguous", random(1, 2, 4, 6, 5), 2L);
        Tensor y = run("conv2d", x, random(2, 8, 4, 3, 3), null, new long[] {1, 1}, new long[] {1, 1}, new long[] {1, 1}, 1);
        assertTrue(y.isContiguous(Shapes.CHANNELS_LAST));
        assertTrue(run("max_pool2d", y, new long[] {2, 2}).isContiguous(Shapes.CHANNELS_LAST));
        Tensor plain = run("contiguous", x, 0L);
        Tensor want = run("conv2d", plain, random(2, 8, 4, 3, 3), null, new long[] {1, 1}, new long[] {1, 1}, new long[] {1, 1}, 1);
        assertArrayEquals(want.toDoubleArray(), y.toDoubleArray(), 1e-5);
    }

    @Test void poolingKeepsNanAndInfinity() {
        Tensor x = Tensor.of(new float[] {Float.NaN, 1, Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY}, 1, 1, 4);
        float[] got = run("max_pool1d", x, new long[] {2}).toFloatArray();
        assertArrayEquals(new float[] {Float.NaN, Float.NEGATIVE_INFINITY}, got);
        Tensor last = run("contiguous", Views.expand(Views.view(x, 1, 1, 2, 2), 1, 3, 2, 2), 2L);
        assertTrue(Double.isNaN(run("max_pool2d", last, new long[] {2, 2}).getDouble(0, 2, 0, 0)));
    }

    /** F.avg_pool1d(arange(7.).view(1, 1, 7), 3, 2, 1, ceil_mode, count_include_pad). */
    @Test void averagesCountPaddingAsPyTorchDoes() {
        Tensor x = counting(1, 1, 7);
        assertArrayEquals(new float[] {1 / 3f, 2, 4, 11 / 3f}, run("avg_pool1d", x, 3, 2, 1, true, true).toFloatArray(), 1e-6f);
        assertArrayEquals(new float[] {0.5f, 2, 4, 5.5f}, run("avg_pool1d", x, 3, 2, 1, true, false).toFloatArray(), 1e-6f);
        assertArrayEquals(new float[] {1, 3, 5}, run("adaptive_avg_pool1d", x, 3).toFloatArray(), 1e-6f);
    }

    @Test void recurrentNetworks() {
        for (String op : new String[] {"gru", "rnn_tanh", "rnn_relu"}) {
            int gates = op.equals("gru") ? 3 : 1;
            assertSameWide(op + ".input", random(1, 4, 2, 3), random(2, 4, 2, 5), parameters(gates), true, 2, 0.0, false, true, false);
        }
        List<Tensor> states = List.of(random(2, 4, 2, 5), random(3, 4, 2, 5));
        assertSameWide("lstm.input", random(1, 2, 4, 3), states, parameters(4), true, 2, 0.0, false, true, true);
    }

    /** Two layers, two directions, input 3, hidden 5. */
    private static List<Tensor> parameters(int gates) {
        List<Tensor> out = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            out.add(random(10 + i, gates * 5, i < 2 ? 3 : 10));
            out.add(random(20 + i, gates * 5, 5));
            out.add(random(30 + i, gates * 5));
            out.add(random(40 + i, gates * 5));
        }
        return out;
    }

    /** A packed sequence gives what each of its sequences gives alone. */
    @Test void packedSequences() {
        Tensor input = random(1, 4, 2, 3), h = random(2, 1, 2, 5);
        List<Tensor> parameters = parameters(3).subList(0, 4);
        Object[] packed = (Object[]) context.call("aten::_pack_padded_sequence", input, Tensor.of(new long[] {4, 2}, 2), false);
        Object[] got = (Object[]) context.call("aten::gru.data", packed[0], packed[1], h, parameters, true, 1, 0.0, false, false);
        Object[] shorter = (Object[]) context.call("aten::gru.input", Views.slice(Views.slice(input, 1, 1, 2, 1), 0, 0, 2, 1),
            Views.slice(h, 1, 1, 2, 1), parameters, true, 1, 0.0, false, false, false);
        double[] want = ((Tensor) shorter[1]).toDoubleArray();
        assertArrayEquals(want, Views.select((Tensor) got[1], 1, 1).toDoubleArray(), 1e-5);
        Object[] padded = (Object[]) context.call("aten::_pad_packed_sequence", got[0], packed[1], false, 0.0, 0);
        assertArrayEquals(new double[5], Views.select(Views.select((Tensor) padded[0], 0, 3), 0, 1).toDoubleArray());
        assertArrayEquals(want, Views.select(Views.select((Tensor) padded[0], 0, 1), 0, 1).toDoubleArray(), 1e-5);
    }

    /** F.interpolate(arange(3.).view(1, 1, 3), size=5, mode='linear', align_corners=…) and mode='nearest'. */
    @Test void interpolation() {
        Tensor x = counting(1, 1, 3);
        assertArrayEquals(new float[] {0, 0.4f, 1, 1.6f, 2}, run("upsample_linear1d", x, 5, false, null).toFloatArray(), 1e-6f);
        assertArrayEquals(new float[] {0, 0.5f, 1, 1.5f, 2}, run("upsample_linear1d", x, 5, true, null).toFloatArray(), 1e-6f);
        assertArrayEquals(new float[] {0, 0, 1, 1, 2}, run("upsample_nearest1d", x, 5, null).toFloatArray());
    }

    @Test void laterOperators() {
        Tensor q = Tensor.of(new float[] {1, 0}, 1, 1, 2), k = Tensor.of(new float[] {1, 0, 0, 1}, 1, 2, 2);
        Tensor v = Tensor.of(new float[] {1, 0}, 1, 2, 1);
        assertEquals(0.7310586f, run("scaled_dot_product_attention", q, k, v, null, 0.0, false, 1.0).toFloatArray()[0], 1e-6f);
        assertEquals(0.6697615f, run("scaled_dot_product_attention", q, k, v).toFloatArray()[0], 1e-6f);
        assertEquals(1f, run("scaled_dot_product_attention", q, k, v, null, 0.0, true).toFloatArray()[0], 1e-6f, "causal");
        Tensor normal = run("rms_norm", Tensor.of(new float[] {3, 4}, 1, 2), new long[] {2}, Tensor.of(new float[] {1, 10}, 2));
        assertArrayEquals(new float[] {0.8485281f, 11.313708f}, normal.toFloatArray(), 1e-5f);
        assertArrayEquals(new long[] {2, 1}, run("squeeze.dims", counting(1, 2, 1, 1), new long[] {0, -1}).sizes());
    }

    /** torch._weight_norm(arange(4.).view(2, 2), tensor([[2.], [1.]])) and torch.cov([[0, 1, 2], [2, 1, 0]]). */
    @Test void weightNormAndCovariance() {
        float[] rows = run("_weight_norm", counting(2, 2), Tensor.of(new float[] {2, 1}, 2, 1), 0).toFloatArray();
        assertArrayEquals(new float[] {0, 2, 0.5547002f, 0.8320503f}, rows, 1e-6f);
        Tensor x = Tensor.of(new float[] {0, 1, 2, 2, 1, 0}, 2, 3);
        assertArrayEquals(new float[] {1, -1, -1, 1}, run("cov", x).toFloatArray(), 1e-6f);
        assertArrayEquals(new float[] {1, -1, -1, 1}, run("corrcoef", x).toFloatArray(), 1e-6f);
    }
}
