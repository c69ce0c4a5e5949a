package dev.cresset.kernels.cpu.jit;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cpu.math.FloatFunctions;
import dev.cresset.kernels.expr.BinaryFn;
import dev.cresset.kernels.expr.UnaryFn;

/**
 * The functions of expressions as vector code. The elementary functions compute what their twins in {@link
 * FloatFunctions} do, in the same order, to the same bits.
 */
final class VectorFunctions {
    private final VectorEmitter v;

    VectorFunctions(VectorEmitter emitter) { this.v = emitter; }

    static boolean has(UnaryFn fn, ScalarType kind) {
        if (kind == ScalarType.BOOL) return fn == UnaryFn.NOT;
        return kind == ScalarType.FLOAT32 && switch (fn) {
            case NEG, ABS, SIGN, CEIL, FLOOR, TRUNC, ROUND, SQRT, EXP, TANH, ERF, NOT, IS_NAN, IS_INF, IS_FINITE, SIGN_BIT, CONJ, REAL -> true;
            case LOG, SIN, COS, TAN, ASIN, ACOS, ATAN, SINH, COSH, ASINH, ACOSH, ATANH, EXPM1, LOG1P, LOG2, LOG10, EXP2, ERFC, ERFINV,
                LGAMMA, DIGAMMA, BESSEL_I0, BIT_NOT, IMAG, ANGLE -> false;
        };
    }

    /** @param second the second operand where it is a constant, else null */
    static boolean has(BinaryFn fn, ScalarType kind, Object second) {
        if (kind == ScalarType.BOOL) {
            return switch (fn) {
                case AND, MUL, MIN, FMIN, OR, ADD, MAX, FMAX, XOR, SUB, EQ, NE, LT, LE, GT, GE -> true;
                default -> false;
            };
        }
        return kind == ScalarType.FLOAT32 && switch (fn) {
            case ADD, SUB, MUL, DIV, MIN, MAX, FMIN, FMAX, TRUNC_DIV, EQ, NE, LT, LE, GT, GE -> true;
            case POW -> second instanceof Double e && (e == 2 || e == 3 || e == 0.5 || e == -0.5 || e == -1);
            case FLOOR_DIV, REMAINDER, FMOD, ATAN2, HYPOT, COPYSIGN, NEXTAFTER, AND, OR, XOR, SHIFT_LEFT, SHIFT_RIGHT, GCD, LCM -> false;
        };
    }

    Local unary(UnaryFn fn, Local x) {
        if (x.type() == Local.Type.MASK) return v.not(x);
        return switch (fn) {
            case NEG -> v.lanewise("neg", x);
            case ABS -> v.lanewise("abs", x);
            case SQRT -> v.lanewise("sqrt", x);
            case CONJ, REAL -> x;
            case SIGN -> sign(x);
            case CEIL, FLOOR, TRUNC, ROUND -> rounded(fn, x);
            case EXP -> exp(x);
            case TANH -> tanh(x);
            case ERF -> erf(x);
            case NOT -> v.compare("EQ", x, v.all(0f));
            case IS_NAN -> v.compare("NE", x, x);
            case IS_INF -> v.compare("EQ", v.lanewise("abs", x), v.all(Float.POSITIVE_INFINITY));
            case IS_FINITE -> v.compare("LT", v.lanewise("abs", x), v.all(Float.POSITIVE_INFINITY));
            case SIGN_BIT -> v.compare("LT", v.asInts(x), v.all(0));
            default -> throw new IllegalArgumentException("no vector code for " + fn);
        };
    }

    Local binary(BinaryFn fn, Local x, Local y, Object second) {
        if (x.type() == Local.Type.MASK) return masks(fn, x, y);
        return switch (fn) {
            case ADD -> v.add(x, y);
            case SUB -> v.sub(x, y);
            case MUL -> v.mul(x, y);
            case DIV -> v.div(x, y);
            case MIN -> second instanceof Double c && !c.isNaN() ? atMost(x, y, c) : v.lanewise("min", x, y);
            case MAX -> second instanceof Double c && !c.isNaN() ? atLeast(x, y, c) : v.lanewise("max", x, y);
            case FMIN -> other(x, y, v.lanewise("min", x, y));
            case FMAX -> other(x, y, v.lanewise("max", x, y));
            case TRUNC_DIV -> rounded(UnaryFn.TRUNC, v.div(x, y));
            case POW -> power(x, (Double) second);
            case EQ, NE, LT, LE, GT, GE -> v.compare(fn.name(), x, y);
            default -> throw new IllegalArgumentException("no vector code for " + fn);
        };
    }

    /** As {@code FloatLoops.pow}. */
    private Local power(Local x, double exponent) {
        if (exponent == 2) return v.mul(x, x);
        if (exponent == 3) return v.mul(v.mul(x, x), x);
        if (exponent == 0.5) return v.lanewise("sqrt", v.add(x, v.all(0f)));
        return v.div(v.all(1f), exponent == -1 ? x : v.lanewise("sqrt", x));
    }

    /** Where one is NaN the other, else {@code result}. */
    private Local other(Local x, Local y, Local result) {
        return v.select(v.compare("NE", x, x), y, v.select(v.compare("NE", y, y), x, result));
    }

    /** min(x, c), in two operations: which comparison, depends on how a zero of the other sign has to be treated. */
    Local atMost(Local x, Local c, double value) {
        return v.select(v.compare(isNegativeZero(value) ? "GE" : "GT", x, c), c, x);
    }

    /** max(x, c). */
    Local atLeast(Local x, Local c, double value) {
        return v.select(v.compare(value == 0 && !isNegativeZero(value) ? "LE" : "LT", x, c), c, x);
    }

    private static boolean isNegativeZero(double value) { return value == 0 && 1 / value < 0; }

    private Local masks(BinaryFn fn, Local x, Local y) {
        return switch (fn) {
            case AND, MUL, MIN, FMIN -> v.mask("and", x, y);
            case OR, ADD, MAX, FMAX -> v.mask("or", x, y);
            case XOR, SUB, NE -> v.mask("xor", x, y);
            case EQ -> v.mask("eq", x, y);
            case LT -> v.mask("andNot", y, x);
            case LE -> v.mask("or", y, v.not(x));
            case GT -> v.mask("andNot", x, y);
            case GE -> v.mask("or", x, v.not(y));
            default -> throw new IllegalArgumentException("no vector code for " + fn + " of bools");
        };
    }

    private Local sign(Local x) {
        Local zero = v.all(0f);
        Local positive = v.select(v.compare("GT", x, zero), v.all(1f), zero);
        return v.select(v.compare("LT", x, zero), v.all(-1f), positive);
    }

    /** Adding 2^23 rounds the magnitude to an integer; from there on all numbers are integers. The sign is kept, also of zero. */
    private Local rounded(UnaryFn fn, Local x) {
        Local magnitude = v.lanewise("abs", x), unit = v.all(0x1p23f);
        Local nearest = v.sub(v.add(magnitude, unit), unit);
        Local result = switch (fn) {
            case ROUND -> nearest;
            case TRUNC -> corrected(nearest, "GT", magnitude, -1);
            case FLOOR -> corrected(signed(nearest, x), "GT", x, -1);
            default -> corrected(signed(nearest, x), "LT", x, 1);
        };
        return v.select(v.compare("LT", magnitude, unit), signed(v.lanewise("abs", result), x), x);
    }

    /** {@code nearest} or, if it is on the wrong side of x, its neighbour. */
    private Local corrected(Local nearest, String wrong, Local x, float by) {
        return v.select(v.compare(wrong, nearest, x), v.add(nearest, v.all(by)), nearest);
    }

    /** A number that is not negative, or has the sign already, with the sign of another. */
    private Local signed(Local magnitude, Local sign) {
        Local bits = v.lanewise("and", v.asInts(sign), v.all(Integer.MIN_VALUE));
        return v.asFloats(v.lanewise("or", v.asInts(magnitude), bits));
    }

    Local exp(Local a) {
        Local x = atLeast(atMost(a, v.all(FloatFunctions.EXP_HIGHEST), 1), v.all(FloatFunctions.EXP_LOWEST), 1);
        Local k = v.sub(v.fma(x, v.all(FloatFunctions.LOG2_E), v.all(FloatFunctions.ROUNDER)), v.all(FloatFunctions.ROUNDER));
        Local r = v.fma(k, v.all(-FloatFunctions.LN2_LOW), v.fma(k, v.all(-FloatFunctions.LN2_HIGH), x));
        Local p = v.polynomial(r, FloatFunctions.EXP_4, FloatFunctions.EXP_3, FloatFunctions.EXP_2, FloatFunctions.EXP_1, FloatFunctions.EXP_0);
        Local y = v.add(v.fma(v.mul(r, r), p, r), v.all(1f));
        Local exponent = v.toInts(k), half = v.shift("ASHR", exponent, 1);
        return v.mul(v.mul(y, powerOfTwo(half)), powerOfTwo(v.sub(exponent, half)));
    }

    private Local powerOfTwo(Local k) { return v.asFloats(v.shift("LSHL", v.add(k, v.all(127)), 23)); }

    Local tanh(Local x) {
        Local s = v.mul(x, x);
        Local q = v.polynomial(s, FloatFunctions.TANH_5, FloatFunctions.TANH_4, FloatFunctions.TANH_3, FloatFunctions.TANH_2,
            FloatFunctions.TANH_1, FloatFunctions.TANH_0);
        Local small = v.fma(v.mul(x, s), q, x);
        Local t = v.lanewise("abs", x);
        Local large = v.sub(v.all(1f), v.div(v.all(2f), v.add(exp(v.add(t, t)), v.all(1f))));
        large = v.select(v.compare("LT", x, v.all(0f)), v.lanewise("neg", large), large);
        return v.select(v.compare("LT", t, v.all(FloatFunctions.TANH_SMALL)), small, large);
    }

    Local erf(Local x) {
        Local t = atMost(v.lanewise("abs", x), v.all(FloatFunctions.ERF_END), 1);
        Local small = v.mul(v.polynomial(v.mul(t, t), FloatFunctions.ERF_6, FloatFunctions.ERF_5, FloatFunctions.ERF_4,
            FloatFunctions.ERF_3, FloatFunctions.ERF_2, FloatFunctions.ERF_1, FloatFunctions.ERF_0), x);
        Local q = v.polynomial(t, FloatFunctions.LOG_ERFC_8, FloatFunctions.LOG_ERFC_7, FloatFunctions.LOG_ERFC_6,
            FloatFunctions.LOG_ERFC_5, FloatFunctions.LOG_ERFC_4, FloatFunctions.LOG_ERFC_3, FloatFunctions.LOG_ERFC_2,
            FloatFunctions.LOG_ERFC_1, FloatFunctions.LOG_ERFC_0);
        Local large = v.sub(v.all(1f), exp(q));
        large = v.select(v.compare("LT", x, v.all(0f)), v.lanewise("neg", large), large);
        return v.select(v.compare("LT", t, v.all(1f)), small, large);
    }
}
