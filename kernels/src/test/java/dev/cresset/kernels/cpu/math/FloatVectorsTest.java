package dev.cresset.kernels.cpu.math;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

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

    private record Twin(String name, Loop vectors, Function plain, DoubleUnaryOperator exact, double ulps) {}

    private static final List<Twin> TWINS = List.of(
        new Twin("exp", VectorLoops::exp, FloatFunctions::exp, Math::exp, 1.5),
        new Twin("expm1", VectorLoops::expm1, FloatFunctions::expm1, Math::expm1, 2),
        new Twin("log", VectorLoops::log, FloatFunctions::log, Math::log, 1),
        new Twin("log1p", VectorLoops::log1p, FloatFunctions::log1p, Math::log1p, 1.5),
        new Twin("tanh", VectorLoops::tanh, FloatFunctions::tanh, Math::tanh, 4.5),
        new Twin("erf", VectorLoops::erf, FloatFunctions::erf, FloatVectorsTest::erf, 5));

    private interface Function { float of(float x); }

    private static void each(float[] d, float[] x, Function f) { for (int i = 0; i < x.length; i++) d[i] = f.of(x[i]); }

    private static void check(Twin t, float[] x) {
        float[] plain = new float[x.length], vectors = new float[x.length];
        each(plain, x, t.plain);
        t.vectors.run(vectors, x, x.length);
        for (int i = 0; i < x.length; i++) {
            if (Float.floatToIntBits(plain[i]) != Float.floatToIntBits(vectors[i])) fail(t.name + " of " + x[i] + ": " + plain[i] + ", as vector " + vectors[i]);
            double want = t.exact.applyAsDouble(x[i]);
            if (Double.isNaN(want) || Float.isInfinite((float) want) || want == 0) {
                assertEquals((float) want, plain[i], t.name + " of " + x[i]);
            } else {
                double ulps = Math.abs(plain[i] - want) / Math.ulp((float) want);
                if (!(ulps <= t.ulps)) fail(t.name + " of " + x[i] + " is off by " + ulps + " ulp");
            }
        }
    }

    @Test void functionsAreWithinTheStatedErrorsAndTwinsTheSame() { for (Twin t : TWINS) check(t, samples()); }

    /** All floats; for erf, whose reference is slow, one of 997. Takes half an hour. */
    @Test @EnabledIfSystemProperty(named = "cresset.exhaustive", matches = "true") void allFloats() {
        float[] x = new float[N];
        for (Twin t : TWINS) {
            int step = t.name.equals("erf") ? 997 : 1;
            for (long bits = 0; bits < 1L << 32; bits += (long) N * step) {
                for (int i = 0; i < N; i++) x[i] = Float.intBitsToFloat((int) (bits + (long) i * step));
                check(t, x);
            }
        }
    }

    /** Also where rounding errors add up: the results must not be beyond 1. */
    @Test void tanhAndErfStayWithinOne() {
        for (float x = 2; x < 20; x = Math.nextUp(x + x * 1e-6f)) {
            assertTrue(FloatFunctions.tanh(x) <= 1 && FloatFunctions.erf(-x) >= -1, "of " + x);
        }
        assertEquals(1, FloatFunctions.tanh(9.1f));
        assertEquals(-1, FloatFunctions.tanh(Float.NEGATIVE_INFINITY));
        assertEquals(1, FloatFunctions.erf(4));
    }

    @Test void comparisonsAndSelection() {
        float[] x = samples(), y = new float[N], d = new float[N];
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
