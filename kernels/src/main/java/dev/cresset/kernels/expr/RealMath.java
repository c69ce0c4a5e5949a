package dev.cresset.kernels.expr;

/** The functions of expressions on real numbers, in double precision. */
final class RealMath {
    private RealMath() {}

    static Object unary(UnaryFn fn, double x) {
        return switch (fn) {
            case NEG -> -x;
            case ABS -> Math.abs(x);
            case SIGN -> x > 0 ? 1.0 : x < 0 ? -1.0 : 0.0;
            case CEIL -> Math.ceil(x);
            case FLOOR -> Math.floor(x);
            case TRUNC -> x < 0 ? Math.ceil(x) : Math.floor(x);
            case ROUND -> Math.rint(x);
            case SQRT -> Math.sqrt(x);
            case EXP -> Math.exp(x);
            case EXP2 -> Math.pow(2, x);
            case LOG -> Math.log(x);
            case LOG2 -> Math.log(x) / Math.log(2);
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
            case NOT -> x == 0 ? 1L : 0L;
            case IS_NAN -> Double.isNaN(x) ? 1L : 0L;
            case IS_INF -> Double.isInfinite(x) ? 1L : 0L;
            case IS_FINITE -> Double.isFinite(x) ? 1L : 0L;
            case SIGN_BIT -> Double.doubleToRawLongBits(x) < 0 ? 1L : 0L;
            case CONJ, REAL -> x;
            case IMAG -> 0.0;
            case ANGLE -> Double.isNaN(x) ? x : x < 0 ? Math.PI : 0.0;
            default -> throw new IllegalArgumentException(fn + " on reals");
        };
    }

    static Object binary(BinaryFn fn, double a, double b, boolean single) {
        return switch (fn) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> a / b;
            case FLOOR_DIV -> Math.floor(a / b);
            case TRUNC_DIV -> a / b < 0 ? Math.ceil(a / b) : Math.floor(a / b);
            case POW -> Math.pow(a, b);
            case MIN -> Math.min(a, b);
            case MAX -> Math.max(a, b);
            case ATAN2 -> Math.atan2(a, b);
            case HYPOT -> Math.hypot(a, b);
            case FMOD -> a % b;
            case REMAINDER -> {
                double r = a % b;
                yield r != 0 && (r < 0) != (b < 0) ? r + b : r;
            }
            default -> throw new IllegalArgumentException(fn + " on reals");
        };
    }
}
