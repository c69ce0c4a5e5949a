package dev.cresset.kernels.cpu.math;

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

    static void exp(float[] d, float[] a, int n) {
        for (int i = 0; i < n; i += FLOATS.length()) exp(FloatVector.fromArray(FLOATS, a, i)).intoArray(d, i);
    }

    private static FloatVector exp(FloatVector a) {
        FloatVector x = a.min(FloatFunctions.EXP_HIGHEST).max(FloatFunctions.EXP_LOWEST);
        FloatVector k = x.fma(all(FloatFunctions.LOG2_E), all(FloatFunctions.ROUNDER)).sub(FloatFunctions.ROUNDER);
        FloatVector r = k.fma(all(-FloatFunctions.LN2_LOW), k.fma(all(-FloatFunctions.LN2_HIGH), x));
        FloatVector p = all(FloatFunctions.EXP_4).fma(r, all(FloatFunctions.EXP_3)).fma(r, all(FloatFunctions.EXP_2));
        p = p.fma(r, all(FloatFunctions.EXP_1)).fma(r, all(FloatFunctions.EXP_0));
        FloatVector y = r.mul(r).fma(p, r).add(1);
        IntVector exponent = (IntVector) k.convert(VectorOperators.F2I, 0);
        IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
        return y.mul(powerOfTwo(half)).mul(powerOfTwo(exponent.sub(half)));
    }

    private static FloatVector powerOfTwo(IntVector k) { return k.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats(); }

    static void tanh(float[] d, float[] a, int n) {
        for (int i = 0; i < n; i += FLOATS.length()) {
            FloatVector x = FloatVector.fromArray(FLOATS, a, i);
            FloatVector s = x.mul(x);
            FloatVector q = all(FloatFunctions.TANH_5).fma(s, all(FloatFunctions.TANH_4)).fma(s, all(FloatFunctions.TANH_3));
            q = q.fma(s, all(FloatFunctions.TANH_2)).fma(s, all(FloatFunctions.TANH_1)).fma(s, all(FloatFunctions.TANH_0));
            FloatVector small = x.mul(s).fma(q, x);
            FloatVector t = x.abs();
            FloatVector large = all(1).sub(all(2).div(exp(t.add(t)).add(1)));
            large = large.blend(large.neg(), x.compare(VectorOperators.LT, 0));
            large.blend(small, t.compare(VectorOperators.LT, FloatFunctions.TANH_SMALL)).intoArray(d, i);
        }
    }

    static void erf(float[] d, float[] a, int n) {
        for (int i = 0; i < n; i += FLOATS.length()) {
            FloatVector x = FloatVector.fromArray(FLOATS, a, i);
            FloatVector t = x.abs().min(FloatFunctions.ERF_END);
            FloatVector s = t.mul(t);
            FloatVector p = all(FloatFunctions.ERF_6).fma(s, all(FloatFunctions.ERF_5)).fma(s, all(FloatFunctions.ERF_4));
            p = p.fma(s, all(FloatFunctions.ERF_3)).fma(s, all(FloatFunctions.ERF_2));
            p = p.fma(s, all(FloatFunctions.ERF_1)).fma(s, all(FloatFunctions.ERF_0));
            FloatVector q = all(FloatFunctions.LOG_ERFC_8).fma(t, all(FloatFunctions.LOG_ERFC_7)).fma(t, all(FloatFunctions.LOG_ERFC_6));
            q = q.fma(t, all(FloatFunctions.LOG_ERFC_5)).fma(t, all(FloatFunctions.LOG_ERFC_4));
            q = q.fma(t, all(FloatFunctions.LOG_ERFC_3)).fma(t, all(FloatFunctions.LOG_ERFC_2));
            q = q.fma(t, all(FloatFunctions.LOG_ERFC_1)).fma(t, all(FloatFunctions.LOG_ERFC_0));
            FloatVector large = all(1).sub(exp(q));
            large = large.blend(large.neg(), x.compare(VectorOperators.LT, 0));
            large.blend(p.mul(x), t.compare(VectorOperators.LT, 1)).intoArray(d, i);
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
