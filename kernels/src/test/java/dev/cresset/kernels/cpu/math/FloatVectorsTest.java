package dev.cresset.kernels.cpu.math;

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
        for (int from = 0; from < N; from += 1024) {       // as tiles: long enough for the vector path
            float[] x = java.util.Arrays.copyOfRange(a, from, from + 1024), y = new float[1024];
            loop.run(y, x, 1024);
            System.arraycopy(y, 0, d, from, 1024);
        }
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

    @Test void exponentials() {
        check("exp", FloatVectors::exp, Math::exp, 1.5);
        check("expm1", FloatVectors::expm1, Math::expm1, 1.5);
        check("tanh", FloatVectors::tanh, Math::tanh, 1.5);
    }

    @Test void logarithms() {
        check("log", FloatVectors::log, Math::log, 1.5);
        check("log1p", FloatVectors::log1p, Math::log1p, 1.5);
    }

    @Test void circularFunctions() {
        check("sin", FloatVectors::sin, Math::sin, 1.5);
        check("cos", FloatVectors::cos, Math::cos, 1.5);
    }

    @Test void errorFunction() { check("erf", FloatVectors::erf, FloatVectorsTest::erf, 3); }

    /** The sum of its Taylor series, all terms of which have one sign when exp(-x²) is taken out. */
    private static double erf(double x) {
        if (Double.isNaN(x) || Math.abs(x) > 6) return Math.signum(x);
        double term = x, sum = x;
        for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) sum += term *= 2 * x * x / (2 * n + 1);
        return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }
}
