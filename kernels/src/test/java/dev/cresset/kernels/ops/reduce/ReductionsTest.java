package dev.cresset.kernels.ops.reduce;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
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
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReductionsTest {
    private static final Catalog OPS = Operators.catalog();
    private static final float NAN = Float.NaN;

    private static CallContext context(int threads) {
        return new CallContext(OPS, new Scope(new MemoryPool(1 << 20)), new Generator(7), System.out, threads, false);
    }

    private final CallContext c = context(1);

    private static Tensor floats(float... v) { return Tensor.of(v, v.length); }

    private static void same(double[] expected, Object actual) { assertArrayEquals(expected, ((Tensor) actual).toDoubleArray(), 1e-5); }

    /** 0 … n-1 in a shape. */
    private static Tensor range(int n, long... shape) {
        float[] v = new float[n];
        for (int i = 0; i < n; i++) v[i] = i;
        return Tensor.of(v, shape);
    }

    @Test void sumsByRowsAndByColumnsOfAnyLayout() {
        Tensor t = range(24, 2, 3, 4);
        same(new double[] {12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34}, c.call("aten::sum.dim_IntList", t, new long[] {0}));
        same(new double[] {60, 92, 124}, c.call("aten::sum.dim_IntList", t, new long[] {0, -1}));
        same(new double[] {60, 92, 124}, c.call("aten::sum.dim_IntList", Views.transpose(t, 0, 2), new long[] {0, 2}));
        assertArrayEquals(new long[] {1, 3, 1}, c.tensor("aten::sum.dim_IntList", t, new long[] {0, -1}, true).sizes());
        assertEquals(ScalarType.INT64, c.tensor("aten::sum", Tensor.zeros(ScalarType.BOOL, 3)).dtype());
        assertThrows(ScriptError.class, () -> c.call("aten::sum.dim_IntList", t, new long[] {0, -3}));
        assertThrows(ScriptError.class, () -> c.call("aten::mean", Tensor.of(new long[] {1}, 1)));
    }

    @Test void longSumsDoNotDependOnThreads() {
        float[] v = new float[300_000];
        Generator g = new Generator(1);
        for (int i = 0; i < v.length; i++) v[i] = (float) g.normal(i, 0);
        Object one = context(1).tensor("aten::sum", floats(v), ScalarType.FLOAT64).item();
        assertEquals(one, context(4).tensor("aten::sum", floats(v), ScalarType.FLOAT64).item());
    }

    @Test void theFirstNaNIsTheExtreme() {
        Tensor t = floats(1, NAN, 3, NAN);
        Object[] max = (Object[]) c.call("aten::max.dim", t, 0L);
        same(new double[] {Double.NaN}, max[0]);
        assertEquals(1L, ((Tensor) max[1]).item());
        assertEquals(1L, c.tensor("aten::argmin", t).item());
        assertEquals(2L, c.tensor("aten::argmax", floats(1, 0, 5, 5), 0L).item());
        same(new double[] {4}, c.call("aten::nansum", t));
    }

    @Test void emptyReductions() {
        Tensor empty = Tensor.zeros(ScalarType.FLOAT32, 2, 0);
        same(new double[] {0, 0}, c.call("aten::sum.dim_IntList", empty, new long[] {1}));
        same(new double[] {Double.NaN, Double.NaN}, c.call("aten::mean.dim", empty, new long[] {1}));
        assertThrows(ScriptError.class, () -> c.call("aten::max.dim", empty, 1L));
        assertEquals(true, c.tensor("aten::all", empty).item());
    }

    @Test void varianceAndNorms() {
        Tensor t = floats(1, 2, 4, 9);
        assertEquals(12.66667, (Double) c.tensor("aten::var", t).item(), 1e-5);
        assertEquals(9.5, (Double) c.tensor("aten::var.correction", t, null, 0L).item(), 1e-5);
        assertEquals(10.0995, (Double) c.tensor("aten::norm.Scalar", t, 2L).item(), 1e-4);
        assertEquals(16.0, (Double) c.tensor("aten::linalg_vector_norm", t, 1L).item(), 1e-5);
    }

    @Test void softmaxOfRowsColumnsAndMaskedRows() {
        float low = Float.NEGATIVE_INFINITY;
        Tensor t = Tensor.of(new float[] {1, 2, 3, low, 0, low, low, low, low}, 3, 3);
        same(new double[] {0.09003057, 0.24472848, 0.66524094, 0, 1, 0, Double.NaN, Double.NaN, Double.NaN}, c.call("aten::softmax.int", t, 1L));
        same(new double[] {1, 0.880797, 1, 0, 0.119203, 0, 0, 0, 0}, c.call("aten::softmax.int", t, 0L));
        same(new double[] {-2.407606, -1.407606, -0.407606}, c.call("aten::log_softmax.int", floats(1, 2, 3), 0L));
        for (long stride : new long[] {0, 2}) {
            Tensor single = floats(3, 4).view(new long[] {1, 1}, new long[] {1, stride});
            same(new double[] {1}, c.call("aten::softmax.int", single, 1L));
            same(new double[] {0}, c.call("aten::log_softmax.int", single, 1L));
        }
        assertEquals(3.407606, (Double) c.tensor("aten::logsumexp", floats(1, 2, 3), new long[] {0}).item(), 1e-5);
    }

    @Test void layerAndGroupNorm() {
        Tensor t = Tensor.of(new float[] {1, 2, 3, 6, 0, 0, 4, 4}, 2, 4);
        same(new double[] {-1.0690434, -0.5345217, 0, 1.6035651, -0.9999988, -0.9999988, 0.9999988, 0.9999988},
            c.call("aten::layer_norm", t, new long[] {4}, null, null, 1e-5));
        Tensor wide = Tensor.of(new double[] {1, 2}, 2);
        assertThrows(ScriptError.class, () -> c.call("aten::layer_norm", wide, new long[] {2}, floats(1, 1), null, 1e-5));
        assertThrows(ScriptError.class, () -> c.call("aten::layer_norm", floats(1, 2), new long[] {2}, null, wide, 1e-5));
        same(new double[] {-0.99998, 0.99998, 8.000003, 11.99999, 0, 0, 10, 10},
            c.call("aten::group_norm", t, 2L, floats(1, 1, 2, 2), floats(0, 0, 10, 10), 1e-5));
    }

    @Test void batchNormTrainsItsRunningStatistics() {
        Tensor t = Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 9}, 2, 2, 2);
        Tensor mean = Tensor.zeros(ScalarType.FLOAT32, 2);
        Tensor variance = Tensor.zeros(ScalarType.FLOAT32, 2);
        c.call("aten::batch_norm", t, null, null, mean, variance, true, 0.1, 1e-5, true);
        same(new double[] {0.35, 0.575}, mean);
        same(new double[] {0.5666667, 0.7583333}, variance);
        same(new double[] {0.863467, 2.191878, 2.784702, 3.933033, 6.177109, 7.505520, 7.378026, 9.674687},
            c.call("aten::batch_norm", t, null, null, mean, variance, false, 0.1, 1e-5, true));
    }

    @Test void sortsStablyWithNaNLast() {
        Object[] r = (Object[]) c.call("aten::sort.stable", floats(2, NAN, -0f, 0, -1), true, 0L, false);
        assertArrayEquals(new long[] {4, 2, 3, 0, 1}, ((Tensor) r[1]).toLongArray());
        Object[] wide = (Object[]) c.call("aten::sort", Tensor.of(new long[] {1L << 40, -5, 1L << 41}, 3), 0L, true);
        assertArrayEquals(new long[] {2, 0, 1}, ((Tensor) wide[1]).toLongArray());
        Object[] top = (Object[]) c.call("aten::topk", range(100, 100), 3L);
        assertArrayEquals(new long[] {99, 98, 97}, ((Tensor) top[1]).toLongArray());
        assertEquals(2.0, c.tensor("aten::median", floats(4, 1, 3, 2)).item());
    }

    @Test void dropoutKeepsTheMeanAndDoesNothingInEvaluation() {
        float[] ones = new float[10_000];
        Arrays.fill(ones, 1);
        Tensor t = floats(ones);
        assertSame(t, c.call("aten::dropout", t, 0.5, false));
        Tensor dropped = c.tensor("aten::dropout", t, 0.25, true);
        assertEquals(1, (Double) c.tensor("aten::mean", dropped).item(), 0.03);
        assertEquals(7500, (Long) c.tensor("aten::count_nonzero", dropped).item(), 200);
    }

    /** The stride of a dimension of size 1 says nothing. */
    @Test void softmaxOfOneElementIsOne() {
        same(new double[] {1}, c.call("aten::softmax.int", floats(5).view(new long[] {1}, new long[] {7}), 0L));
        same(new double[] {0, 0}, c.call("aten::log_softmax.int", range(2, 2).view(new long[] {1, 2}, new long[] {9, 1}), 0L));
    }

    @Test void randomNumbersDependOnSeedAndPositionAlone() {
        assertArrayEquals(context(1).tensor("aten::randn", new long[] {5000}).toFloatArray(),
            context(4).tensor("aten::randn", new long[] {5000}).toFloatArray());
        assertArrayEquals(new long[] {0, 1, 2, 3, 4}, Arrays.stream(c.tensor("aten::randperm", 5L).toLongArray()).sorted().toArray());
        Tensor poisson = c.tensor("aten::poisson", c.tensor("aten::add.Scalar", Tensor.zeros(ScalarType.FLOAT32, 4000), 100.0));
        assertEquals(100, (Double) c.tensor("aten::mean", poisson).item(), 1);
        assertEquals(10, (Double) c.tensor("aten::std", poisson).item(), 1);
        for (long i : c.tensor("aten::randint", 3L, new long[] {100}).toLongArray()) assertTrue(i >= 0 && i < 3);
    }

    @Test void crossEntropyOfClassesAndProbabilities() {
        Tensor t = Tensor.of(new float[] {1, 2, 3, 3, 2, 1}, 2, 3);
        assertEquals(1.407606, (Double) c.tensor("aten::cross_entropy_loss", t, Tensor.of(new long[] {0, 0}, 2)).item(), 1e-5);
        assertEquals(2.407606, (Double) c.tensor("aten::cross_entropy_loss", t, Tensor.of(new long[] {0, -100}, 2)).item(), 1e-5);
        assertThrows(ScriptError.class, () -> c.call("aten::cross_entropy_loss", t, Tensor.of(new long[] {0, 3}, 2)));
        same(new double[] {1, 3, 6}, c.call("aten::cumsum", floats(1, 2, 3), 0L));
        assertEquals(List.of(3L), List.of(c.tensor("aten::argmax", floats(1, 0, 5, 6), 0L).item()));
    }
}
