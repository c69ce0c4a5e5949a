package dev.cresset.kernels.cpu.math;

import static dev.cresset.kernels.cpu.math.FloatFunctions.*;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The vector twins of {@link FloatVectors}, in a class of their own: a JVM without the Vector API module never loads it. */
final class VectorLoops {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());

    private static FloatVector all(float v) { return FloatVector.broadcast(FLOATS, v); }

    private static FloatVector load(float[] a, int i) { return FloatVector.fromArray(FLOATS, a, i); }

    static void exp(float[] d, float[] a, int n) {
        for (int i = 0; i < n; i += FLOATS.length()) {
            FloatVector x = load(a, i);
            IntVector sum = sum(x);
            FloatVector s = sum.lanewise(VectorOperators.LSHL, FRACTION).reinterpretAsFloats();
            FloatVector r = rest(x, sum);
            FloatVector y = expPolynomial(r).fma(r, all(1)).mul(s).mul(s);
            y.blend(0, x.compare(VectorOperators.LT, EXP_LOWEST)).intoArray(d, i);
        }
    }

    private static IntVector sum(FloatVector x) { return x.fma(all(HALF_LOG2_E), all(ROUNDER)).reinterpretAsInts().min(HIGHEST_SUM); }

    private static FloatVector rest(FloatVector x, IntVector sum) {
        FloatVector n = sum.reinterpretAsFloats().sub(ROUNDER);
        return n.fma(all(-2 * LN2_LOW), n.fma(all(-2 * LN2_HIGH), x));
    }

    private static FloatVector expPolynomial(FloatVector r) {
        FloatVector p = all(EXP_6).fma(r, all(EXP_5)).fma(r, all(EXP_4)).fma(r, all(EXP_3)).fma(r, all(EXP_2));
        return p.fma(r, all(EXP_1)).fma(r, all(EXP_0));
    }

    static void expm1(float[] d, float[] a, int n) {
        for (int i = 0; i < n; i += FLOATS.length()) {
            FloatVector v = load(a, i);
            FloatVector x = v.blend(EXPM1_LOWEST, v.compare(VectorOperators.LT, EXPM1_LOWEST));
            IntVector sum = sum(x);
            IntVector bits = sum.lanewise(VectorOperators.LSHL, FRACTION);
            FloatVector s = bits.reinterpretAsFloats();
            FloatVector inverse = IntVector.broadcast(INTS, 2 * ONE).sub(bits).reinterpretAsFloats();
            FloatVector r = rest(x, sum);
            FloatVector y = s.fma(expPolynomial(r).mul(r), s.sub(inverse)).mul(s);
            y.blend(v, v.compare(VectorOperators.EQ, 0)).intoArray(d, i);
        }
    }

    private static FloatVector squareUpTo(FloatVector x, int end) { return x.mul(x).reinterpretAsInts().min(end).reinterpretAsFloats(); }

    private static FloatVector withinOne(FloatVector y) {
        FloatVector z = y.blend(1, y.compare(VectorOperators.GT, 1));
        return z.blend(-1, z.compare(VectorOperators.LT, -1));
    }

    static void tanh(float[] d, float[] a, int n) {
        for (int i = 0; i < n; i += FLOATS.length()) {
            FloatVector x = load(a, i);
            FloatVector s = squareUpTo(x, TANH_END);
            FloatVector p = all(TANH_P4).fma(s, all(TANH_P3)).fma(s, all(TANH_P2)).fma(s, all(TANH_P1)).fma(s, all(TANH_P0));
            FloatVector q = all(TANH_Q4).fma(s, all(TANH_Q3)).fma(s, all(TANH_Q2)).fma(s, all(TANH_Q1)).fma(s, all(TANH_Q0));
            withinOne(x.mul(p).div(q)).intoArray(d, i);
        }
    }

    static void erf(float[] d, float[] a, int n) {
        for (int i = 0; i < n; i += FLOATS.length()) {
            FloatVector x = load(a, i);
            FloatVector s = squareUpTo(x, ERF_END);
            FloatVector p = all(ERF_P6).fma(s, all(ERF_P5)).fma(s, all(ERF_P4)).fma(s, all(ERF_P3));
            p = p.fma(s, all(ERF_P2)).fma(s, all(ERF_P1)).fma(s, all(ERF_P0));
            FloatVector q = all(ERF_Q5).fma(s, all(ERF_Q4)).fma(s, all(ERF_Q3)).fma(s, all(ERF_Q2)).fma(s, all(ERF_Q1)).fma(s, all(ERF_Q0));
            withinOne(x.mul(p).div(q)).intoArray(d, i);
        }
    }

    static void log(float[] d, float[] a, int n) {
        for (int i = 0; i < n; i += FLOATS.length()) {
            FloatVector x = load(a, i);
            VectorMask<Float> small = x.compare(VectorOperators.LT, SMALLEST);
            IntVector bits = x.blend(x.mul(ENLARGE), small).reinterpretAsInts();
            IntVector exponent = bits.sub(ROOT_HALF).lanewise(VectorOperators.ASHR, FRACTION);
            FloatVector e = floats(exponent).add(all(0).blend(ENLARGED, small));
            FloatVector r = bits.sub(exponent.lanewise(VectorOperators.LSHL, FRACTION)).reinterpretAsFloats().sub(1);
            special(x, logOf(e, r)).intoArray(d, i);
        }
    }

    private static FloatVector floats(IntVector x) { return (FloatVector) x.convert(VectorOperators.I2F, 0); }

    private static FloatVector logOf(FloatVector e, FloatVector r) {
        FloatVector p = all(LOG_7).fma(r, all(LOG_6)).fma(r, all(LOG_5)).fma(r, all(LOG_4)).fma(r, all(LOG_3));
        p = p.fma(r, all(LOG_2)).fma(r, all(LOG_1)).fma(r, all(LOG_0));
        FloatVector q = r.mul(r).mul(p.fma(r, all(-0.5f)));
        return e.fma(all(LN2_HIGH), e.fma(all(LN2_LOW), q).add(r));
    }

    private static FloatVector special(FloatVector x, FloatVector y) {
        FloatVector z = y.blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, 0));
        FloatVector w = z.blend(x, x.compare(VectorOperators.EQ, Float.POSITIVE_INFINITY));
        return all(Float.NaN).blend(w, x.compare(VectorOperators.GE, 0));
    }

    static void log1p(float[] d, float[] a, int n) {
        for (int i = 0; i < n; i += FLOATS.length()) {
            FloatVector x = load(a, i);
            FloatVector u = x.add(1);
            IntVector bits = u.reinterpretAsInts();
            IntVector exponent = bits.sub(ROOT_HALF).lanewise(VectorOperators.ASHR, FRACTION);
            FloatVector e = floats(exponent);
            IntVector shifted = exponent.lanewise(VectorOperators.LSHL, FRACTION);
            FloatVector s = IntVector.broadcast(INTS, ONE).sub(shifted).reinterpretAsFloats();
            FloatVector alone = bits.sub(shifted).reinterpretAsFloats().sub(1);
            FloatVector r = x.fma(s, s.sub(1)).blend(alone, e.compare(VectorOperators.GT, LOG1P_ALONE));
            special(u, logOf(e, r)).blend(x, x.compare(VectorOperators.EQ, 0)).intoArray(d, i);
        }
    }

    static void eq(int[] d, float[] a, float[] b, int n) {
        for (int i = 0; i < n; i += FLOATS.length()) {
            VectorMask<Float> mask = FloatVector.fromArray(FLOATS, a, i).compare(VectorOperators.EQ, FloatVector.fromArray(FLOATS, b, i));
            IntVector.zero(INTS).blend(1, mask.cast(INTS)).intoArray(d, i);
        }
    }

    static void ne(int[] d, float[] a, float[] b, int n) {
        for (int i = 0; i < n; i += FLOATS.length()) {
            VectorMask<Float> mask = FloatVector.fromArray(FLOATS, a, i).compare(VectorOperators.NE, FloatVector.fromArray(FLOATS, b, i));
            IntVector.zero(INTS).blend(1, mask.cast(INTS)).intoArray(d, i);
        }
    }

    static void lt(int[] d, float[] a, float[] b, int n) {
        for (int i = 0; i < n; i += FLOATS.length()) {
            VectorMask<Float> mask = FloatVector.fromArray(FLOATS, a, i).compare(VectorOperators.LT, FloatVector.fromArray(FLOATS, b, i));
            IntVector.zero(INTS).blend(1, mask.cast(INTS)).intoArray(d, i);
        }
    }

    static void le(int[] d, float[] a, float[] b, int n) {
        for (int i = 0; i < n; i += FLOATS.length()) {
            VectorMask<Float> mask = FloatVector.fromArray(FLOATS, a, i).compare(VectorOperators.LE, FloatVector.fromArray(FLOATS, b, i));
            IntVector.zero(INTS).blend(1, mask.cast(INTS)).intoArray(d, i);
        }
    }

    static void select(float[] d, int[] c, float[] a, float[] b, int n) {
        for (int i = 0; i < n; i += FLOATS.length()) {
            VectorMask<Float> mask = IntVector.fromArray(INTS, c, i).compare(VectorOperators.NE, 0).cast(FLOATS);
            FloatVector.fromArray(FLOATS, b, i).blend(FloatVector.fromArray(FLOATS, a, i), mask).intoArray(d, i);
        }
    }

    private VectorLoops() {}
}
