package dev.cresset.kernels.cpu.math;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** The vector functions against double precision: the largest error in units of the last place of the float result. */
class FloatVectorsTest {
    private interface Loop { void run(float[] d, float[] a, int n); }

    private static final int N = 1 << 16;
    private static final float[] LIMITS = {0f, -0f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MIN_VALUE,
        -Float.MIN_VALUE, Float.MIN_NORMAL, Float.MAX_VALUE, -Float.MAX_VALUE, 88.72f, 88.73f, -87.3f, -103.9f, -104.1f, 1, -1, 9.01f, -9.02f};

    /** Random bits cover all magnitudes, gaussians the usual ones. */
    private static float[] samples() {
        Random random = new Random(7);
        float[] a = new float[N];
        for (int i = 0; i < N; i++) a[i] = i % 2 == 0 ? Float.intBitsToFloat(random.nextInt()) : (float) random.nextGaussian() * 4;
        System.arraycopy(LIMITS, 0, a, 0, LIMITS.length);
        return a;
    }

    private static void check(String name, Loop loop, DoubleUnaryOperator exact, double ulps) {
        float[] a = samples(), d = new float[N];
        loop.run(d, a, N);
        double worst = 0;
        for (int i = 0; i < N; i++) {
            double want = exact.applyAsDouble(a[i]);
            if (Double.isNaN(want) || Float.isInfinite((float) want)) {
                assertEquals((float) want, d[i], name + " of " + a[i]);
            } else {
                worst = Math.max(worst, Math.abs(d[i] - want) / Math.ulp((float) want));
            }
        }
        assertTrue(worst <= ulps, name + " is off by " + worst + " ulp");
    }

    @Test void plainLoopsAreWithinTheStatedErrors() {
        check("exp", (d, x, n) -> each(d, x, FloatFunctions::exp), Math::exp, 1.1);
        check("tanh", (d, x, n) -> each(d, x, FloatFunctions::tanh), Math::tanh, 2);
        check("erf", (d, x, n) -> each(d, x, FloatFunctions::erf), FloatVectorsTest::erf, 3);
    }

    private interface Function { float of(float x); }

    private static void each(float[] d, float[] x, Function f) { for (int i = 0; i < x.length; i++) d[i] = f.of(x[i]); }

    @Test void vectorLoopsGiveTheSameBitsAsPlainOnes() {
        float[] x = samples(), y = new float[N], d = new float[N], e = new float[N];
        VectorLoops.exp(d, x, N);
        each(e, x, FloatFunctions::exp);
        assertArrayEquals(e, d);
        VectorLoops.tanh(d, x, N);
        each(e, x, FloatFunctions::tanh);
        assertArrayEquals(e, d);
        VectorLoops.erf(d, x, N);
        each(e, x, FloatFunctions::erf);
        assertArrayEquals(e, d);
        for (int i = 0; i < N; i++) y[i] = i % 3 == 0 ? x[i] : x[N - 1 - i];
        int[] c = new int[N], lt = new int[N];
        VectorLoops.lt(lt, x, y, N);
        VectorLoops.select(d, lt, x, y, N);
        VectorLoops.eq(c, x, y, N);
        for (int i = 0; i < N; i++) {
            assertEquals(x[i] < y[i] ? 1 : 0, lt[i]);
            assertEquals(x[i] < y[i] ? x[i] : y[i], d[i]);
            assertEquals(x[i] == y[i] ? 1 : 0, c[i]);
        }
        VectorLoops.ne(c, x, y, N);
        VectorLoops.le(lt, x, y, N);
        for (int i = 0; i < N; i++) {
            assertEquals(x[i] != y[i] ? 1 : 0, c[i]);
            assertEquals(x[i] <= y[i] ? 1 : 0, lt[i]);
        }
    }

    /** The sum of its Taylor series, all terms of which have one sign when exp(-x²) is taken out. */
    private static double erf(double x) {
        if (Double.isNaN(x) || Math.abs(x) > 6) return Math.signum(x);
        double term = x, sum = x;
        for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) sum += term *= 2 * x * x / (2 * n + 1);
        return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }
}
