package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.BinaryFn;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.expr.ScalarInterpreter;
import dev.cresset.kernels.expr.UnaryFn;
import dev.cresset.kernels.nest.Dag;
import java.util.List;
import java.util.Locale;

/** Single operations as C expressions, with their operands given as C expressions without side effects. */
final class Operations {
    private Operations() {}

    /** @param kinds the compute types of the operands */
    static String of(Dag.Node n, List<String> operands, List<ScalarType> kinds) {
        return switch (n.op()) {
            case Dag.Op.Cast(ScalarType t) -> cast(t, operands.get(0), kinds.get(0));
            case Dag.Op.Unary(UnaryFn fn) -> unary(fn, operands.get(0), kinds.get(0), n.kind());
            case Dag.Op.Binary(BinaryFn fn) -> binary(fn, operands.get(0), operands.get(1), kinds.get(0), n.kind());
            case Dag.Op.Select _ -> "(" + operands.get(0) + " ? " + operands.get(1) + " : " + operands.get(2) + ")";
            case Dag.Op.Constant(Object v) -> constant(v, n.kind());
            case Dag.Op.Load _, Dag.Op.Reduced _, Dag.Op.Param _ -> throw new AssertionError("no operation: " + n);
        };
    }

    // ---- constants

    static String constant(Object value, ScalarType kind) {
        return switch (kind) {
            case BOOL -> (Long) value != 0 ? "true" : "false";
            case INT64 -> (Long) value == Long.MIN_VALUE ? "I64_MIN" : (Long) value < 0 ? "(" + value + "LL)" : value + "LL";
            case FLOAT32 -> single((Double) value);
            case FLOAT64 -> real((Double) value);
            case COMPLEX128 -> "k_complex(" + real(((Complex) value).re()) + ", " + real(((Complex) value).im()) + ")";
            default -> throw new AssertionError("no compute type: " + kind);
        };
    }

    private static String single(double v) {
        if (Double.isNaN(v)) return "F_NAN";
        if (Double.isInfinite(v)) return v > 0 ? "F_INF" : "(-F_INF)";
        String text = (float) v + "f";
        return text.startsWith("-") ? "(" + text + ")" : text;
    }

    private static String real(double v) {
        if (Double.isNaN(v)) return "D_NAN";
        if (Double.isInfinite(v)) return v > 0 ? "D_INF" : "(-D_INF)";
        return v < 0 || 1 / v < 0 ? "(" + v + ")" : String.valueOf(v);
    }

    // ---- conversions

    /** From one compute type to another. */
    static String convert(String x, ScalarType from, ScalarType to) {
        return from == to ? x : "k_as<" + CudaTypes.value(to) + ">::of(" + x + ")";
    }

    private static String cast(ScalarType t, String x, ScalarType from) {
        String wide = convert(x, from, Expr.compute(t));
        return switch (t) {
            case UINT8, QUINT8 -> "(i64) (unsigned char) " + wide;
            case INT8, QINT8 -> "(i64) (signed char) " + wide;
            case INT16 -> "(i64) (short) " + wide;
            case INT32, QINT32 -> "(i64) (int) " + wide;
            case FLOAT16 -> "k_round_f16(" + wide + ")";
            case BFLOAT16 -> "k_round_bf16(" + wide + ")";
            case BOOL, INT64, FLOAT32, FLOAT64, COMPLEX32, COMPLEX64, COMPLEX128 -> wide;
        };
    }

    // ---- functions of one operand

    private static String unary(UnaryFn fn, String x, ScalarType kind, ScalarType result) {
        return switch (kind) {
            case FLOAT32 -> real(fn, x, "f");
            case FLOAT64 -> real(fn, x, "");
            case COMPLEX128 -> complex(fn, x);
            case INT64 -> integer(fn, x, result);
            case BOOL -> fn == UnaryFn.NOT ? "!" + x : convert(integer(fn, "(i64) " + x, ScalarType.INT64), ScalarType.INT64, result);
            default -> throw new AssertionError("no compute type: " + kind);
        };
    }

    /** Integers have few functions of their own; the others are those of doubles. */
    private static String integer(UnaryFn fn, String x, ScalarType result) {
        return switch (fn) {
            case NEG -> "k_neg(" + x + ")";
            case ABS -> "k_abs(" + x + ")";
            case SIGN -> "k_sign(" + x + ")";
            case CEIL, FLOOR, TRUNC, ROUND, CONJ, REAL -> x;
            case BIT_NOT -> "~(" + x + ")";
            case NOT -> "(" + x + " == 0)";
            case IS_NAN, IS_INF -> "false";
            case IMAG -> "0LL";
            case IS_FINITE -> "true";
            case SIGN_BIT -> "(" + x + " < 0)";
            default -> convert(real(fn, "(double) " + x, ""), ScalarType.FLOAT64, result);
        };
    }

    /** @param f the suffix of C's functions of this type */
    private static String real(UnaryFn fn, String x, String f) {
        return switch (fn) {
            case NEG -> "(-" + x + ")";
            case ABS -> "fabs" + f + "(" + x + ")";
            case ROUND -> "rint" + f + "(" + x + ")";
            case CEIL, FLOOR, TRUNC, SQRT, EXP, LOG, SIN, COS, TAN, ASIN, ACOS, ATAN, SINH, COSH, TANH, ASINH, ACOSH, ATANH, EXPM1, LOG1P,
                LOG2, LOG10, EXP2, ERF, ERFC, LGAMMA -> lower(fn) + f + "(" + x + ")";
            case SIGN, ERFINV, DIGAMMA, IS_INF, IS_FINITE, SIGN_BIT, ANGLE -> "k_" + lower(fn) + "(" + x + ")";
            case BESSEL_I0 -> "k_i0(" + x + ")";
            case NOT -> "(" + x + " == 0)";
            case IS_NAN -> "(" + x + " != " + x + ")";
            case CONJ, REAL -> x;
            case IMAG -> "0.0" + f;
            case BIT_NOT -> throw ScalarInterpreter.undefined(fn, "real numbers");
        };
    }

    private static String complex(UnaryFn fn, String z) {
        return switch (fn) {
            case NEG -> "(-" + z + ")";
            case REAL -> z + ".re";
            case IMAG -> z + ".im";
            case NOT -> "(" + z + " == k_complex(0, 0))";
            case ABS, ANGLE, IS_NAN, IS_INF, IS_FINITE, CONJ, SIGN, SQRT, EXP, EXP2, EXPM1, LOG, LOG1P, LOG2, LOG10, SIN, COS, TAN, SINH,
                COSH, TANH, ASIN, ACOS, ATAN, ASINH, ACOSH, ATANH -> "k_" + lower(fn) + "(" + z + ")";
            case CEIL, FLOOR, TRUNC, ROUND, ERF, ERFC, ERFINV, LGAMMA, DIGAMMA, BESSEL_I0, BIT_NOT, SIGN_BIT ->
                throw ScalarInterpreter.undefined(fn, "complex numbers");
        };
    }

    // ---- functions of two operands

    private static String binary(BinaryFn fn, String a, String b, ScalarType kind, ScalarType result) {
        boolean ordered = kind != ScalarType.COMPLEX128 || fn == BinaryFn.EQ || fn == BinaryFn.NE;
        if (fn.isComparison() && !ordered) throw ScalarInterpreter.undefined(fn, "complex numbers");
        if (fn.isComparison()) return "(" + a + " " + symbol(fn) + " " + b + ")";
        return switch (kind) {
            case FLOAT32 -> real(fn, a, b, "f");
            case FLOAT64 -> real(fn, a, b, "");
            case COMPLEX128 -> complex(fn, a, b);
            case INT64 -> integer(fn, a, b);
            case BOOL -> switch (fn) {
                case AND, MUL, MIN, FMIN -> "(" + a + " & " + b + ")";
                case OR, ADD, MAX, FMAX -> "(" + a + " | " + b + ")";
                case XOR, SUB -> "(" + a + " ^ " + b + ")";
                default -> convert(integer(fn, "(i64) " + a, "(i64) " + b), ScalarType.INT64, result);
            };
            default -> throw new AssertionError("no compute type: " + kind);
        };
    }

    private static String symbol(BinaryFn fn) {
        return switch (fn) {
            case ADD -> "+";
            case SUB -> "-";
            case MUL -> "*";
            case DIV -> "/";
            case AND -> "&";
            case OR -> "|";
            case XOR -> "^";
            case EQ -> "==";
            case NE -> "!=";
            case LT -> "<";
            case LE -> "<=";
            case GT -> ">";
            case GE -> ">=";
            default -> throw new AssertionError("no operator of C: " + fn);
        };
    }

    private static String infix(BinaryFn fn, String a, String b) { return "(" + a + " " + symbol(fn) + " " + b + ")"; }

    private static String call(String name, String a, String b) { return name + "(" + a + ", " + b + ")"; }

    private static String real(BinaryFn fn, String a, String b, String f) {
        return switch (fn) {
            case ADD, SUB, MUL, DIV -> infix(fn, a, b);
            case TRUNC_DIV -> "trunc" + f + "(" + a + " / " + b + ")";
            case POW, ATAN2, HYPOT, COPYSIGN, NEXTAFTER -> call(lower(fn) + f, a, b);
            case MIN, MAX, FMIN, FMAX, FMOD, REMAINDER, FLOOR_DIV -> call("k_" + lower(fn), a, b);
            case AND, OR, XOR, SHIFT_LEFT, SHIFT_RIGHT, GCD, LCM, EQ, NE, LT, LE, GT, GE -> throw ScalarInterpreter.undefined(fn, "real numbers");
        };
    }

    private static String integer(BinaryFn fn, String a, String b) {
        return switch (fn) {
            case AND, OR, XOR -> infix(fn, a, b);
            case FMIN -> call("k_min", a, b);
            case FMAX -> call("k_max", a, b);
            case TRUNC_DIV -> call("k_div", a, b);
            case ADD, SUB, MUL, DIV, FLOOR_DIV, REMAINDER, FMOD, POW, MIN, MAX, SHIFT_LEFT, SHIFT_RIGHT, GCD, LCM ->
                call("k_" + lower(fn), a, b);
            case ATAN2, HYPOT, COPYSIGN, NEXTAFTER, EQ, NE, LT, LE, GT, GE -> throw ScalarInterpreter.undefined(fn, "integers");
        };
    }

    private static String complex(BinaryFn fn, String a, String b) {
        return switch (fn) {
            case ADD, SUB, MUL, DIV -> infix(fn, a, b);
            case POW -> call("k_pow", a, b);
            default -> throw ScalarInterpreter.undefined(fn, "complex numbers");
        };
    }

    /**
     * A power whose exponent is one number for all elements: a root where PyTorch takes one, which differs for infinite bases.
     *
     * @param otherwise the power
     */
    static String power(String base, String exponent, ScalarType kind, String otherwise) {
        if (kind != ScalarType.FLOAT32 && kind != ScalarType.FLOAT64) return otherwise;
        String f = kind == ScalarType.FLOAT32 ? "f" : "", root = "sqrt" + f + "(" + base + " + 0.0" + f + ")";
        return "(" + exponent + " == 0.5" + f + " ? " + root + " : " + exponent + " == -0.5" + f + " ? 1 / sqrt" + f + "(" + base + ") : " + otherwise + ")";
    }

    private static String lower(Enum<?> fn) { return fn.name().toLowerCase(Locale.ROOT); }
}
