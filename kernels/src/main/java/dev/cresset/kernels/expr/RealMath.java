package dev.cresset.kernels.expr;

/** The functions of expressions on real numbers, in double precision; the caller rounds to float32 where that is the type. */
final class RealMath {
    private RealMath() {}

    /** A Double, or Long 0 or 1 for tests. */
    static Object unary(UnaryFn fn, double x) {
        return switch (fn) {
            case NOT -> x == 0 ? 1L : 0L;
            case IS_NAN -> Double.isNaN(x) ? 1L : 0L;
            case IS_INF -> Double.isInfinite(x) ? 1L : 0L;
            case IS_FINITE -> Double.isFinite(x) ? 1L : 0L;
            case SIGN_BIT -> Double.doubleToRawLongBits(x) < 0 ? 1L : 0L;
            default -> number(fn, x);
        };
    }

    /** A function with a real result. */
    static double number(UnaryFn fn, double x) {
        return switch (fn) {
            case NEG -> -x;
            case ABS -> Math.abs(x);
            case SIGN -> x > 0 ? 1.0 : x < 0 ? -1.0 : 0.0;
            case CEIL -> Math.ceil(x);
            case FLOOR -> Math.floor(x);
            case TRUNC -> trunc(x);
            case ROUND -> Math.rint(x);
            case SQRT -> Math.sqrt(x);
            case EXP -> Math.exp(x);
            case EXP2 -> Math.pow(2, x);
            case LOG -> Math.log(x);
            case LOG2 -> SpecialFunctions.log2(x);
            case LOG10 -> Math.log10(x);
            case LOG1P -> Math.log1p(x);
            case EXPM1 -> Math.expm1(x);
            case SIN -> Math.sin(x);
            case COS -> Math.cos(x);
            case TAN -> Math.tan(x);
            case ASIN -> Math.asin(x);
            case ACOS -> Math.acos(x);
            case ATAN -> Math.atan(x);
            case SINH -> Math.sinh(x);
            case COSH -> Math.cosh(x);
            case TANH -> Math.tanh(x);
            case ASINH -> SpecialFunctions.asinh(x);
            case ACOSH -> SpecialFunctions.acosh(x);
            case ATANH -> SpecialFunctions.atanh(x);
            case ERF -> SpecialFunctions.erf(x);
            case ERFC -> SpecialFunctions.erfc(x);
            case ERFINV -> SpecialFunctions.erfinv(x);
            case LGAMMA -> SpecialFunctions.lgamma(x);
            case DIGAMMA -> SpecialFunctions.digamma(x);
            case BESSEL_I0 -> SpecialFunctions.besselI0(x);
            case CONJ, REAL -> x;
            case IMAG -> 0.0;
            case ANGLE -> Double.isNaN(x) ? x : x < 0 ? Math.PI : 0.0;
            case BIT_NOT, NOT, IS_NAN, IS_INF, IS_FINITE, SIGN_BIT -> throw ScalarInterpreter.undefined(fn, "real numbers");
        };
    }

    /** @param single the operands are float32: where a function has a step in between, it rounds as float32 does */
    static double binary(BinaryFn fn, double a, double b, boolean single) {
        return switch (fn) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> a / b;
            case FLOOR_DIV -> floorDivide(a, b, single);
            case TRUNC_DIV -> trunc(single ? (float) (a / b) : a / b);
            case POW -> SpecialFunctions.pow(a, b);
            case MIN -> Math.min(a, b);
            case MAX -> Math.max(a, b);
            case FMIN -> Double.isNaN(a) ? b : Double.isNaN(b) ? a : Math.min(a, b);
            case FMAX -> Double.isNaN(a) ? b : Double.isNaN(b) ? a : Math.max(a, b);
            case ATAN2 -> Math.atan2(a, b);
            case HYPOT -> Math.hypot(a, b);
            case COPYSIGN -> Math.copySign(a, b);
            case NEXTAFTER -> single ? Math.nextAfter((float) a, b) : Math.nextAfter(a, b);
            case FMOD -> a % b;
            case REMAINDER -> {
                double r = a % b;
                yield r != 0 && (r < 0) != (b < 0) ? r + b : r;
            }
            case AND, OR, XOR, SHIFT_LEFT, SHIFT_RIGHT, GCD, LCM, EQ, NE, LT, LE, GT, GE -> throw ScalarInterpreter.undefined(fn, "real numbers");
        };
    }

    static double trunc(double x) { return x < 0 ? Math.ceil(x) : Math.floor(x); }

    /** As Python's float //: from the exact remainder, so that a quotient just below an integer is not rounded up to it. */
    private static double floorDivide(double a, double b, boolean single) {
        if (b == 0) return a / b;
        double remainder = a % b;
        double quotient = (a - remainder) / b;
        if (remainder != 0 && (b < 0) != (remainder < 0)) quotient -= 1;
        if (quotient == 0) return Math.copySign(0.0, a / b);
        if (single) quotient = (float) quotient;
        double floor = Math.floor(quotient);
        return quotient - floor > 0.5 ? floor + 1 : floor;
    }
}
