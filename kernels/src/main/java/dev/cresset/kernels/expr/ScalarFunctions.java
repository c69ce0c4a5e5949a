package dev.cresset.kernels.expr;

import dev.cresset.kernels.cpu.math.FloatFunctions;

/**
 * Functions of expressions on single values, for generated code that computes one element after the other. They give the
 * same bits as the loops over tiles. Functions are constants where they are called, so the JIT compiler leaves one case.
 */
public final class ScalarFunctions {
    private ScalarFunctions() {}

    public static float unary(UnaryFn fn, float x) {
        return switch (fn) {
            case EXP -> FloatFunctions.exp(x);
            case TANH -> FloatFunctions.tanh(x);
            case ERF -> FloatFunctions.erf(x);
            case LOG -> FloatFunctions.log(x);
            case LOG1P -> FloatFunctions.log1p(x);
            case EXPM1 -> FloatFunctions.expm1(x);
            default -> (float) RealMath.number(fn, x);
        };
    }

    public static double unary(UnaryFn fn, double x) { return RealMath.number(fn, x); }

    public static long unary(UnaryFn fn, long x) { return ((Number) IntegerMath.unary(fn, x)).longValue(); }

    /** Of a bool, as 0 or 1. */
    public static int unary(UnaryFn fn, int x) {
        return fn == UnaryFn.NOT ? x ^ 1 : ((Number) IntegerMath.unary(fn, x)).doubleValue() != 0 ? 1 : 0;
    }

    /** A function whose result is a bool. */
    public static int test(UnaryFn fn, double x) { return (int) (long) (Long) RealMath.unary(fn, x); }

    public static int test(UnaryFn fn, long x) { return (int) (long) (Long) IntegerMath.unary(fn, x); }

    public static float binary(BinaryFn fn, float a, float b) { return (float) RealMath.binary(fn, a, b, true); }

    public static double binary(BinaryFn fn, double a, double b) { return RealMath.binary(fn, a, b, false); }

    public static long binary(BinaryFn fn, long a, long b) { return IntegerMath.binary(fn, a, b); }

    /** Of bools, as 0 or 1. */
    public static int binary(BinaryFn fn, int a, int b) {
        return switch (fn) {
            case AND, MUL, MIN, FMIN -> a & b;
            case OR, ADD, MAX, FMAX -> a | b;
            case XOR, SUB, NE -> a ^ b;
            case EQ -> a ^ b ^ 1;
            case LT -> b & ~a;
            case LE -> b | a ^ 1;
            case GT -> a & ~b;
            case GE -> a | b ^ 1;
            default -> IntegerMath.binary(fn, a, b) != 0 ? 1 : 0;
        };
    }

    /** To an exponent that is the same for all elements; as the loop over tiles. */
    public static float power(float x, double exponent) {
        if (exponent == 2) return x * x;
        if (exponent == 3) return x * x * x;
        if (exponent == 0.5) return (float) Math.sqrt(x + 0f);
        if (exponent == -0.5) return 1 / (float) Math.sqrt(x);
        if (exponent == -1) return 1 / x;
        float e = (float) exponent;
        return x == 1 || x == -1 && Float.isInfinite(e) ? 1 : (float) Math.pow(x, e);
    }
}
