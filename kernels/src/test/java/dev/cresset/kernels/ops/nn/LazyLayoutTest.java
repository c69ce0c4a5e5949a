package dev.cresset.kernels.ops.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cpu.onednn.OneDnnLibrary;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.ops.Operators;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Results that lie channels-last in memory look row-major to everybody. The same calls in float64 never lie so. */
class LazyLayoutTest {
    private static final Catalog OPS = Operators.catalog();
    private static final long[] ONE = {1, 1};

    private final MemoryPool pool = new MemoryPool(1 << 20);
    private final Scope scope = new Scope(pool);
    private final CallContext context = new CallContext(OPS, scope, new Generator(0), System.out, 2, false);
    private final Tensor image = random(1, 2, 3, 7, 5);
    private final Tensor weight = random(2, 20, 3, 3, 3);

    @BeforeEach void needsLibrary() { assumeTrue(OneDnnLibrary.isAvailable(), () -> "oneDNN is not here: " + OneDnnLibrary.loadFailure()); }

    private static Tensor random(int seed, long... shape) {
        Random r = new Random(seed);
        float[] v = new float[(int) dev.cresset.tensor.Shapes.numel(shape)];
        for (int i = 0; i < v.length; i++) v[i] = r.nextFloat() - 0.5f;
        return Tensor.of(v, shape);
    }

    private Tensor run(String op, Object... arguments) { return context.tensor("aten::" + op, arguments); }

    private Tensor wide(Tensor t) {
        Tensor out = Tensor.zeros(ScalarType.FLOAT64, t.sizes());
        run("copy_", out, t, false);
        return out;
    }

    private Tensor convolution() { return run("conv2d", image, weight, null, ONE, ONE, ONE, 1); }

    private Tensor wideConvolution() { return run("conv2d", wide(image), wide(weight), null, ONE, ONE, ONE, 1); }

    private static void assertLazy(Tensor t) { assertNotNull(t.storage().arrangement(), "should still lie channels-last"); }

    private static void assertSame(Tensor want, Tensor got) {
        assertArrayEquals(want.sizes(), got.sizes());
        assertArrayEquals(want.toDoubleArray(), got.toDoubleArray(), 1e-5);
    }

    @Test void viewsSeeRowMajorElements() {
        Tensor lazy = convolution(), plain = wideConvolution();
        assertLazy(lazy);
        assertArrayEquals(plain.strides(), lazy.strides());
        Tensor part = Views.select(lazy, 1, 3);
        assertSame(Views.select(plain, 1, 3), part);
        assertNull(lazy.storage().arrangement());
        assertSame(Views.view(plain, 2, -1), run("reshape", lazy, new long[] {2, -1}));
    }

    @Test void aChainNeverReorders() {
        Tensor lazy = convolution(), plain = wideConvolution();
        run("relu_", lazy);
        run("relu_", plain);
        Tensor twice = run("add.Tensor", lazy, run("mul.Tensor", lazy, random(3, 1, 20, 1, 1)), 1);
        Tensor pooled = run("max_pool2d", twice, new long[] {3, 3}, new long[] {2, 2}, ONE, ONE, false);
        Tensor last = run("conv2d", pooled, random(4, 17, 20, 1, 1), null, ONE, new long[] {0, 0}, ONE, 1);
        for (Tensor t : new Tensor[] {lazy, twice, pooled, last}) assertLazy(t);

        Tensor wideTwice = run("add.Tensor", plain, run("mul.Tensor", plain, wide(random(3, 1, 20, 1, 1))), 1);
        Tensor widePooled = run("max_pool2d", wideTwice, new long[] {3, 3}, new long[] {2, 2}, ONE, ONE, false);
        Tensor want = run("conv2d", widePooled, wide(random(4, 17, 20, 1, 1)), null, ONE, new long[] {0, 0}, ONE, 1);
        assertSame(want, last);
        assertSame(wideTwice, twice);
    }

    @Test void batchNormAndGlobalAverageStayLazy() {
        Tensor lazy = convolution(), plain = wideConvolution();
        Tensor mean = random(5, 20), variance = run("abs", random(6, 20)), scale = random(7, 20), shift = random(8, 20);
        Tensor normed = run("batch_norm", lazy, scale, shift, mean, variance, false, 0.1, 1e-5, false);
        assertLazy(normed);
        Tensor want = run("batch_norm", plain, wide(scale), wide(shift), wide(mean), wide(variance), false, 0.1, 1e-5, false);
        Tensor average = run("adaptive_avg_pool2d", normed, ONE);
        assertLazy(normed);
        assertSame(run("adaptive_avg_pool2d", want, ONE), average);
        assertSame(want, normed);
    }

    @Test void inPlaceWritesThroughViewsCount() {
        Tensor lazy = convolution(), plain = wideConvolution();
        run("fill_.Scalar", Views.select(lazy, 1, 2), 7.0);
        run("fill_.Scalar", Views.select(plain, 1, 2), 7.0);
        run("relu_", lazy);
        run("relu_", plain);
        assertSame(plain, lazy);
        assertSame(run("max_pool2d", plain, new long[] {2, 2}), run("max_pool2d", lazy, new long[] {2, 2}));
    }

    @Test void writtenWithAPartOfItself() {
        Tensor lazy = convolution(), plain = wideConvolution();
        run("add_.Tensor", lazy, Views.narrow(lazy, 1, 0, 1), 1);
        run("add_.Tensor", plain, Views.narrow(plain, 1, 0, 1), 1);
        assertSame(plain, lazy);
    }

    @Test void meetsARowMajorTensor() {
        Tensor other = random(9, 2, 20, 7, 5);
        assertSame(run("add.Tensor", wideConvolution(), wide(other), 1), run("add.Tensor", convolution(), other, 1));
    }

    @Test void allMemoryGoesBack() {
        Tensor lazy = convolution();
        convolution();
        lazy.data();
        scope.close();
        assertEquals(0, pool.liveBlocks());
    }
}
