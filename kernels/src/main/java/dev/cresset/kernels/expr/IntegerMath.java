package dev.cresset.kernels.expr;

import dev.cresset.ir.diag.ScriptError;

/** The functions of expressions on integers and bools (0 or 1). */
final class IntegerMath {
    private IntegerMath() {}

    static Object unary(UnaryFn fn, long x) {
        return switch (fn) {
            case NEG -> -x;
            case ABS -> Math.abs(x);
            case SIGN -> (long) Long.signum(x);
            case CEIL, FLOOR, TRUNC, ROUND, CONJ, REAL -> x;
            case BIT_NOT -> ~x;
            case NOT -> x == 0 ? 1L : 0L;
            case IS_NAN, IS_INF, IMAG -> 0L;
            case IS_FINITE -> 1L;
            case SIGN_BIT -> x < 0 ? 1L : 0L;
            default -> RealMath.unary(fn, x);
        };
    }

    static long binary(BinaryFn fn, long a, long b) {
        return switch (fn) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV, TRUNC_DIV -> a / nonZero(b);
            case FLOOR_DIV -> Math.floorDiv(a, nonZero(b));
            case REMAINDER -> Math.floorMod(a, nonZero(b));
            case FMOD -> a % nonZero(b);
            case POW -> pow(a, b);
            case MIN, FMIN -> Math.min(a, b);
            case MAX, FMAX -> Math.max(a, b);
            case AND -> a & b;
            case OR -> a | b;
            case XOR -> a ^ b;
            case SHIFT_LEFT -> b < 0 || b > 63 ? 0 : a << b;
            case SHIFT_RIGHT -> b < 0 || b > 63 ? a >> 63 : a >> b;
            case GCD -> gcd(a, b);
            case LCM -> a == 0 || b == 0 ? 0 : Math.abs(a / gcd(a, b) * b);
            case ATAN2, HYPOT, COPYSIGN, NEXTAFTER, EQ, NE, LT, LE, GT, GE -> throw ScalarInterpreter.undefined(fn, "integers");
        };
    }

    static long nonZero(long divisor) {
        if (divisor == 0) throw new ScriptError("ZeroDivisionError");
        return divisor;
    }

    static long gcd(long a, long b) {
        while (b != 0) {
            long rest = a % b;
            a = b;
            b = rest;
        }
        return Math.abs(a);
    }

    /** The exponent, which must not be negative where it is one number for all elements. */
    static long exponent(long e) {
        if (e < 0) throw new ScriptError("Integers to negative integer powers are not allowed.");
        return e;
    }

    /** By squaring, modulo 2^64. A negative exponent gives 0 unless the base is 1 or -1. */
    static long pow(long base, long exponent) {
        if (exponent < 0) return base == 1 ? 1 : base == -1 ? ((exponent & 1) == 0 ? 1 : -1) : 0;
        long result = 1;
        for (; exponent > 0; exponent >>= 1, base *= base) if ((exponent & 1) != 0) result *= base;
        return result;
    }
}
