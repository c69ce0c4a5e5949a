package dev.cresset.kernels.expr;

import dev.cresset.kernels.cpu.math.FloatVectors;

/** Loops over float registers: each function one loop that the JIT compiler vectorises, rare ones by the definition. */
final class FloatLoops {
    private FloatLoops() {}

    static void unary(UnaryFn fn, float[] d, float[] a, int n) {
        switch (fn) {
            case NEG -> negate(d, a, n);
            case ABS -> abs(d, a, n);
            case SQRT -> sqrt(d, a, n);
            case FLOOR -> floor(d, a, n);
            case CEIL -> ceil(d, a, n);
            case ROUND -> round(d, a, n);
            case EXP -> FloatVectors.exp(d, a, n);
            case LOG -> FloatVectors.log(d, a, n);
            case TANH -> FloatVectors.tanh(d, a, n);
            case SIN -> sin(d, a, n);
            case COS -> cos(d, a, n);
            case EXPM1 -> FloatVectors.expm1(d, a, n);
            case LOG1P -> FloatVectors.log1p(d, a, n);
            case ERF -> FloatVectors.erf(d, a, n);
            default -> each(fn, d, a, n);
        }
    }

    static void binary(BinaryFn fn, float[] d, float[] a, float[] b, int n) {
        switch (fn) {
            case ADD -> add(d, a, b, n);
            case SUB -> subtract(d, a, b, n);
            case MUL -> multiply(d, a, b, n);
            case DIV -> divide(d, a, b, n);
            case MIN -> min(d, a, b, n);
            case MAX -> max(d, a, b, n);
            default -> each(fn, d, a, b, n);
        }
    }

    static void compare(BinaryFn fn, int[] d, float[] a, float[] b, int n) {
        switch (fn) {
            case EQ -> FloatVectors.eq(d, a, b, n);
            case NE -> FloatVectors.ne(d, a, b, n);
            case LT -> FloatVectors.lt(d, a, b, n);
            case LE -> FloatVectors.le(d, a, b, n);
            case GT -> FloatVectors.lt(d, b, a, n);
            case GE -> FloatVectors.le(d, b, a, n);
            default -> throw new IllegalArgumentException(fn + " is no comparison");
        }
    }

    private static void sin(float[] d, float[] a, int n) {
        for (int i = 0; i < n; i++) d[i] = (float) Math.sin(a[i]);
    }

    private static void cos(float[] d, float[] a, int n) {
        for (int i = 0; i < n; i++) d[i] = (float) Math.cos(a[i]);
    }

    private static void negate(float[] d, float[] a, int n) {
        for (int i = 0; i < n; i++) d[i] = -a[i];
    }

    private static void abs(float[] d, float[] a, int n) {
        for (int i = 0; i < n; i++) d[i] = Math.abs(a[i]);
    }

    private static void sqrt(float[] d, float[] a, int n) {
        for (int i = 0; i < n; i++) d[i] = (float) Math.sqrt(a[i]);
    }

    private static void floor(float[] d, float[] a, int n) {
        for (int i = 0; i < n; i++) d[i] = (float) Math.floor(a[i]);
    }

    private static void ceil(float[] d, float[] a, int n) {
        for (int i = 0; i < n; i++) d[i] = (float) Math.ceil(a[i]);
    }

    private static void round(float[] d, float[] a, int n) {
        for (int i = 0; i < n; i++) d[i] = (float) Math.rint(a[i]);
    }

    private static void each(UnaryFn fn, float[] d, float[] a, int n) {
        for (int i = 0; i < n; i++) d[i] = (float) RealMath.number(fn, a[i]);
    }

    private static void add(float[] d, float[] a, float[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] + b[i];
    }

    private static void subtract(float[] d, float[] a, float[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] - b[i];
    }

    private static void multiply(float[] d, float[] a, float[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] * b[i];
    }

    private static void divide(float[] d, float[] a, float[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] / b[i];
    }

    private static void min(float[] d, float[] a, float[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = Math.min(a[i], b[i]);
    }

    private static void max(float[] d, float[] a, float[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = Math.max(a[i], b[i]);
    }

    private static void each(BinaryFn fn, float[] d, float[] a, float[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = (float) RealMath.binary(fn, a[i], b[i], true);
    }

    /** Functions whose result is a bool. */
    static void test(UnaryFn fn, int[] d, float[] a, int n) {
        switch (fn) {
            case IS_NAN -> isNan(d, a, n);
            case NOT -> isZero(d, a, n);
            default -> {
                for (int i = 0; i < n; i++) d[i] = (int) (long) (Long) RealMath.unary(fn, a[i]);
            }
        }
    }

    private static void isNan(int[] d, float[] a, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] != a[i] ? 1 : 0;
    }

    private static void isZero(int[] d, float[] a, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] == 0 ? 1 : 0;
    }

    /** By squaring and roots for the exponents of practice, else by the definition. As C's pow: 1 to any power is 1. */
    static void pow(float[] d, float[] a, double exponent, int n) {
        if (exponent == 2) {
            for (int i = 0; i < n; i++) d[i] = a[i] * a[i];
        } else if (exponent == 3) {
            for (int i = 0; i < n; i++) d[i] = a[i] * a[i] * a[i];
        } else if (exponent == 0.5) {
            for (int i = 0; i < n; i++) d[i] = (float) Math.sqrt(a[i] + 0f);
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
