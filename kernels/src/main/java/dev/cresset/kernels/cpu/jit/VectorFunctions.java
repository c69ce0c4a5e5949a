package dev.cresset.kernels.cpu.jit;

import static dev.cresset.kernels.cpu.math.FloatFunctions.*;

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
            case NEG, ABS, SIGN, CEIL, FLOOR, TRUNC, ROUND, SQRT, EXP, EXPM1, LOG, LOG1P, TANH, ERF, NOT, IS_NAN, IS_INF, IS_FINITE, SIGN_BIT,
                CONJ, REAL -> true;
            case SIN, COS, TAN, ASIN, ACOS, ATAN, SINH, COSH, ASINH, ACOSH, ATANH, LOG2, LOG10, EXP2, ERFC, ERFINV,
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
        if (kind == ScalarType.INT64) return fn.isComparison();
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
            case EXPM1 -> expm1(x);
            case LOG -> log(x);
            case LOG1P -> log1p(x);
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

    Local exp(Local x) {
        Local sum = sum(x);
        Local s = v.asFloats(v.shift("LSHL", sum, FRACTION));
        Local r = rest(x, sum);
        Local y = v.mul(v.mul(v.fma(expPolynomial(r), r, v.all(1f)), s), s);
        return v.select(v.compare("LT", x, v.all(EXP_LOWEST)), v.all(0f), y);
    }

    private Local sum(Local x) {
        return v.lanewise("min", v.asInts(v.fma(x, v.all(HALF_LOG2_E), v.all(ROUNDER))), v.all(HIGHEST_SUM));
    }

    private Local rest(Local x, Local sum) {
        Local n = v.sub(v.asFloats(sum), v.all(ROUNDER));
        return v.fma(n, v.all(-2 * LN2_LOW), v.fma(n, v.all(-2 * LN2_HIGH), x));
    }

    private Local expPolynomial(Local r) { return v.polynomial(r, EXP_6, EXP_5, EXP_4, EXP_3, EXP_2, EXP_1, EXP_0); }

    private Local expm1(Local a) {
        Local x = atLeast(a, v.all(EXPM1_LOWEST), EXPM1_LOWEST);
        Local sum = sum(x);
        Local bits = v.shift("LSHL", sum, FRACTION), s = v.asFloats(bits);
        Local inverse = v.asFloats(v.sub(v.all(2 * ONE), bits));
        Local r = rest(x, sum);
        Local y = v.mul(v.fma(s, v.mul(expPolynomial(r), r), v.sub(s, inverse)), s);
        return v.select(v.compare("EQ", a, v.all(0f)), a, y);
    }

    private Local squareUpTo(Local x, int end) { return v.asFloats(v.lanewise("min", v.asInts(v.mul(x, x)), v.all(end))); }

    private Local withinOne(Local y) { return atLeast(atMost(y, v.all(1f), 1), v.all(-1f), -1); }

    private Local tanh(Local x) {
        Local s = squareUpTo(x, TANH_END);
        Local p = v.polynomial(s, TANH_P4, TANH_P3, TANH_P2, TANH_P1, TANH_P0);
        Local q = v.polynomial(s, TANH_Q4, TANH_Q3, TANH_Q2, TANH_Q1, TANH_Q0);
        return withinOne(v.div(v.mul(x, p), q));
    }

    private Local erf(Local x) {
        Local s = squareUpTo(x, ERF_END);
        Local p = v.polynomial(s, ERF_P6, ERF_P5, ERF_P4, ERF_P3, ERF_P2, ERF_P1, ERF_P0);
        Local q = v.polynomial(s, ERF_Q5, ERF_Q4, ERF_Q3, ERF_Q2, ERF_Q1, ERF_Q0);
        return withinOne(v.div(v.mul(x, p), q));
    }

    private Local log(Local x) {
        Local small = v.compare("LT", x, v.all(SMALLEST));
        Local bits = v.asInts(v.select(small, v.mul(x, v.all(ENLARGE)), x));
        Local exponent = v.shift("ASHR", v.sub(bits, v.all(ROOT_HALF)), FRACTION);
        Local e = v.add(v.toFloats(exponent), v.select(small, v.all(ENLARGED), v.all(0f)));
        Local m = v.asFloats(v.sub(bits, v.shift("LSHL", exponent, FRACTION)));
        return special(x, logOf(e, v.sub(m, v.all(1f))));
    }

    private Local logOf(Local e, Local r) {
        Local p = v.polynomial(r, LOG_7, LOG_6, LOG_5, LOG_4, LOG_3, LOG_2, LOG_1, LOG_0);
        Local q = v.mul(v.mul(r, r), v.fma(p, r, v.all(-0.5f)));
        return v.fma(e, v.all(LN2_HIGH), v.add(v.fma(e, v.all(LN2_LOW), q), r));
    }

    private Local special(Local x, Local y) {
        Local infinity = v.all(Float.POSITIVE_INFINITY);
        Local z = v.select(v.compare("EQ", x, v.all(0f)), v.all(Float.NEGATIVE_INFINITY), y);
        Local w = v.select(v.compare("EQ", x, infinity), infinity, z);
        return v.select(v.compare("GE", x, v.all(0f)), w, v.all(Float.NaN));
    }

    private Local log1p(Local x) {
        Local u = v.add(x, v.all(1f)), bits = v.asInts(u);
        Local exponent = v.shift("ASHR", v.sub(bits, v.all(ROOT_HALF)), FRACTION), e = v.toFloats(exponent);
        Local shifted = v.shift("LSHL", exponent, FRACTION);
        Local s = v.asFloats(v.sub(v.all(ONE), shifted));
        Local alone = v.sub(v.asFloats(v.sub(bits, shifted)), v.all(1f));
        Local r = v.select(v.compare("GT", e, v.all(LOG1P_ALONE)), alone, v.fma(x, s, v.sub(s, v.all(1f))));
        return v.select(v.compare("EQ", x, v.all(0f)), x, special(u, logOf(e, r)));
    }
}
