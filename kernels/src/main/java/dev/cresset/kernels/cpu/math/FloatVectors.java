package dev.cresset.kernels.cpu.math;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Loops over float arrays that the JIT compiler does not vectorise by itself, with the Vector API, which calls the JDK's
 * vector math library; the maximal error of these functions is 1 ulp there (4 for erf, which is our own). Arrays have
 * room for a multiple of {@link #LANES} elements and are read and written up to it. Short arrays take plain loops: vector
 * code is very slow until it is compiled, and it would be used too rarely to be.
 */
public final class FloatVectors {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());
    /** Lengths of arrays are multiples of this. */
    public static final int LANES = 64;
    private static final int VECTOR_MINIMUM = 128;

    private FloatVectors() {}

    public static void exp(float[] d, float[] a, int n) {
        if (n < VECTOR_MINIMUM) {
            for (int i = 0; i < n; i++) d[i] = (float) Math.exp(a[i]);
            return;
        }
        for (int i = 0; i < n; i += FLOATS.length()) FloatVector.fromArray(FLOATS, a, i).lanewise(VectorOperators.EXP).intoArray(d, i);
    }

    public static void log(float[] d, float[] a, int n) {
        if (n < VECTOR_MINIMUM) {
            for (int i = 0; i < n; i++) d[i] = (float) Math.log(a[i]);
            return;
        }
        for (int i = 0; i < n; i += FLOATS.length()) FloatVector.fromArray(FLOATS, a, i).lanewise(VectorOperators.LOG).intoArray(d, i);
    }

    public static void tanh(float[] d, float[] a, int n) {
        if (n < VECTOR_MINIMUM) {
            for (int i = 0; i < n; i++) d[i] = (float) Math.tanh(a[i]);
            return;
        }
        for (int i = 0; i < n; i += FLOATS.length()) FloatVector.fromArray(FLOATS, a, i).lanewise(VectorOperators.TANH).intoArray(d, i);
    }

    public static void sin(float[] d, float[] a, int n) {
        if (n < VECTOR_MINIMUM) {
            for (int i = 0; i < n; i++) d[i] = (float) Math.sin(a[i]);
            return;
        }
        for (int i = 0; i < n; i += FLOATS.length()) FloatVector.fromArray(FLOATS, a, i).lanewise(VectorOperators.SIN).intoArray(d, i);
    }

    public static void cos(float[] d, float[] a, int n) {
        if (n < VECTOR_MINIMUM) {
            for (int i = 0; i < n; i++) d[i] = (float) Math.cos(a[i]);
            return;
        }
        for (int i = 0; i < n; i += FLOATS.length()) FloatVector.fromArray(FLOATS, a, i).lanewise(VectorOperators.COS).intoArray(d, i);
    }

    public static void expm1(float[] d, float[] a, int n) {
        if (n < VECTOR_MINIMUM) {
            for (int i = 0; i < n; i++) d[i] = (float) Math.expm1(a[i]);
            return;
        }
        for (int i = 0; i < n; i += FLOATS.length()) FloatVector.fromArray(FLOATS, a, i).lanewise(VectorOperators.EXPM1).intoArray(d, i);
    }

    public static void log1p(float[] d, float[] a, int n) {
        if (n < VECTOR_MINIMUM) {
            for (int i = 0; i < n; i++) d[i] = (float) Math.log1p(a[i]);
            return;
        }
        for (int i = 0; i < n; i += FLOATS.length()) FloatVector.fromArray(FLOATS, a, i).lanewise(VectorOperators.LOG1P).intoArray(d, i);
    }

    public static void eq(int[] d, float[] a, float[] b, int n) {
        if (n < VECTOR_MINIMUM) {
            for (int i = 0; i < n; i++) d[i] = a[i] == b[i] ? 1 : 0;
            return;
        }
        for (int i = 0; i < n; i += FLOATS.length()) {
            VectorMask<Float> mask = FloatVector.fromArray(FLOATS, a, i).compare(VectorOperators.EQ, FloatVector.fromArray(FLOATS, b, i));
            IntVector.zero(INTS).blend(1, mask.cast(INTS)).intoArray(d, i);
        }
    }

    public static void ne(int[] d, float[] a, float[] b, int n) {
        if (n < VECTOR_MINIMUM) {
            for (int i = 0; i < n; i++) d[i] = a[i] != b[i] ? 1 : 0;
            return;
        }
        for (int i = 0; i < n; i += FLOATS.length()) {
            VectorMask<Float> mask = FloatVector.fromArray(FLOATS, a, i).compare(VectorOperators.NE, FloatVector.fromArray(FLOATS, b, i));
            IntVector.zero(INTS).blend(1, mask.cast(INTS)).intoArray(d, i);
        }
    }

    public static void lt(int[] d, float[] a, float[] b, int n) {
        if (n < VECTOR_MINIMUM) {
            for (int i = 0; i < n; i++) d[i] = a[i] < b[i] ? 1 : 0;
            return;
        }
        for (int i = 0; i < n; i += FLOATS.length()) {
            VectorMask<Float> mask = FloatVector.fromArray(FLOATS, a, i).compare(VectorOperators.LT, FloatVector.fromArray(FLOATS, b, i));
            IntVector.zero(INTS).blend(1, mask.cast(INTS)).intoArray(d, i);
        }
    }

    public static void le(int[] d, float[] a, float[] b, int n) {
        if (n < VECTOR_MINIMUM) {
            for (int i = 0; i < n; i++) d[i] = a[i] <= b[i] ? 1 : 0;
            return;
        }
        for (int i = 0; i < n; i += FLOATS.length()) {
            VectorMask<Float> mask = FloatVector.fromArray(FLOATS, a, i).compare(VectorOperators.LE, FloatVector.fromArray(FLOATS, b, i));
            IntVector.zero(INTS).blend(1, mask.cast(INTS)).intoArray(d, i);
        }
    }

    /** {@code d = c != 0 ? a : b}. */
    public static void select(float[] d, int[] c, float[] a, float[] b, int n) {
        if (n < VECTOR_MINIMUM) {
            for (int i = 0; i < n; i++) d[i] = c[i] != 0 ? a[i] : b[i];
            return;
        }
        for (int i = 0; i < n; i += FLOATS.length()) {
            VectorMask<Float> mask = IntVector.fromArray(INTS, c, i).compare(VectorOperators.NE, 0).cast(FLOATS);
            FloatVector.fromArray(FLOATS, b, i).blend(FloatVector.fromArray(FLOATS, a, i), mask).intoArray(d, i);
        }
    }

    // minimax-like fits (weighted Chebyshev): erf(x) / x in x² below 1, log erfc(x) in x from 1 to 4
    private static final float[] ERF_SMALL = {1.1283791065216064f, -0.3761262595653534f, 0.11283597350120544f,
        -0.02685432881116867f, 0.005189312156289816f, -0.0008018855005502701f, 7.882497448008507e-05f};
    private static final float[] LOG_ERFC = {0.000208761848625727f, -1.1296844482421875f, -0.6329863667488098f,
        -0.10870722681283951f, 0.02542717382311821f, -0.0043088351376354694f, 0.00047178432578220963f,
        -2.66681508946931e-05f, 3.494651252822223e-07f};
    /** From here on erf is 1 in float32. */
    private static final float ERF_END = 4;

    public static void erf(float[] d, float[] a, int n) {
        if (n < VECTOR_MINIMUM) {
            for (int i = 0; i < n; i++) d[i] = erf(a[i]);
            return;
        }
        for (int i = 0; i < n; i += FLOATS.length()) {
            FloatVector x = FloatVector.fromArray(FLOATS, a, i);
            FloatVector t = x.abs().min(ERF_END);
            FloatVector s = t.mul(t);
            FloatVector p = FloatVector.broadcast(FLOATS, ERF_SMALL[6]);
            p = p.fma(s, FloatVector.broadcast(FLOATS, ERF_SMALL[5])).fma(s, FloatVector.broadcast(FLOATS, ERF_SMALL[4]));
            p = p.fma(s, FloatVector.broadcast(FLOATS, ERF_SMALL[3])).fma(s, FloatVector.broadcast(FLOATS, ERF_SMALL[2]));
            p = p.fma(s, FloatVector.broadcast(FLOATS, ERF_SMALL[1])).fma(s, FloatVector.broadcast(FLOATS, ERF_SMALL[0]));
            FloatVector q = FloatVector.broadcast(FLOATS, LOG_ERFC[8]);
            q = q.fma(t, FloatVector.broadcast(FLOATS, LOG_ERFC[7])).fma(t, FloatVector.broadcast(FLOATS, LOG_ERFC[6]));
            q = q.fma(t, FloatVector.broadcast(FLOATS, LOG_ERFC[5])).fma(t, FloatVector.broadcast(FLOATS, LOG_ERFC[4]));
            q = q.fma(t, FloatVector.broadcast(FLOATS, LOG_ERFC[3])).fma(t, FloatVector.broadcast(FLOATS, LOG_ERFC[2]));
            q = q.fma(t, FloatVector.broadcast(FLOATS, LOG_ERFC[1])).fma(t, FloatVector.broadcast(FLOATS, LOG_ERFC[0]));
            FloatVector large = q.lanewise(VectorOperators.EXP).neg().add(1);
            large = large.blend(large.neg(), x.compare(VectorOperators.LT, 0));
            large.blend(p.mul(x), t.compare(VectorOperators.LT, 1)).intoArray(d, i);
        }
    }

    private static float erf(float x) {
        float t = Math.min(Math.abs(x), ERF_END);
        if (t < 1) return polynomial(ERF_SMALL, t * t) * x;
        return Math.copySign(1 - (float) Math.exp(polynomial(LOG_ERFC, t)), x);
    }

    private static float polynomial(float[] c, float x) {
        float p = c[c.length - 1];
        for (int i = c.length - 2; i >= 0; i--) p = Math.fma(p, x, c[i]);
        return p;
    }

    /** By squaring and roots for the exponents of practice, else by the definition. As C's pow: 1 to any power is 1. */
    public static void pow(float[] d, float[] a, double exponent, int n) {
        if (exponent == 2) {
            for (int i = 0; i < n; i++) d[i] = a[i] * a[i];
        } else if (exponent == 3) {
            for (int i = 0; i < n; i++) d[i] = a[i] * a[i] * a[i];
        } else if (exponent == 0.5) {
            for (int i = 0; i < n; i++) d[i] = (float) Math.sqrt(a[i]);
        } else if (exponent == -0.5) {
            for (int i = 0; i < n; i++) d[i] = 1 / (float) Math.sqrt(a[i]);
        } else if (exponent == -1) {
            for (int i = 0; i < n; i++) d[i] = 1 / a[i];
        } else {
            float e = (float) exponent;
            boolean infinite = Float.isInfinite(e);
            for (int i = 0; i < n; i++) d[i] = a[i] == 1 || a[i] == -1 && infinite ? 1 : (float) Math.pow(a[i], e);
        }
    }
}
