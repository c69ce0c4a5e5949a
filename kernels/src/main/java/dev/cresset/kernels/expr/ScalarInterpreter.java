package dev.cresset.kernels.expr;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.ScalarType;
import java.util.Locale;
import java.util.function.Function;

/**
 * Evaluates an expression for one element: the living definition of what an {@link Expr} means. Values are Long (INT64,
 * and BOOL as 0 or 1), Double (FLOAT64, and FLOAT32 rounded after each step), Complex. Clear, not fast.
 */
public final class ScalarInterpreter {
    /** Supplies the elements and numbers of one evaluation, as Long, Double or Complex. */
    public interface Inputs {
        Object load(int input);

        Object param(int input);

        /** The result of a reduction of the row; only loop nests have any. */
        default Object reduced(int index) { throw new IllegalStateException("there are no reductions here"); }
    }

    private ScalarInterpreter() {}

    public static Object evaluate(Expr e, Inputs in) { return evaluateStep(e, x -> evaluate(x, in), in); }

    /** Evaluates one expression, with its operands' values supplied. */
    public static Object evaluateStep(Expr e, Function<Expr, Object> operands, Inputs in) {
        return switch (e) {
            case Expr.Load(int i, ScalarType t) -> convert(in.load(i), t);
            case Expr.Param(int i, ScalarType t) -> convert(in.param(i), t);
            case Expr.Reduced(int i, ScalarType t) -> convert(in.reduced(i), t);
            case Expr.Const(Object v, ScalarType t) -> convert(v, t);
            case Expr.Cast(Expr x, ScalarType t) -> convert(operands.apply(x), t);
            case Expr.Select(Expr c, Expr yes, Expr no) -> operands.apply((Long) operands.apply(c) != 0 ? yes : no);
            case Expr.Unary(UnaryFn fn, Expr x) -> convert(unary(fn, operands.apply(x)), e.type());
            case Expr.Binary(BinaryFn fn, Expr a, Expr b) when isIntegerPower(e) ->
                convert(IntegerMath.pow((Long) operands.apply(a), IntegerMath.exponent((Long) operands.apply(b))), e.type());
            case Expr.Binary(BinaryFn fn, Expr a, Expr b) ->
                convert(binary(fn, operands.apply(a), operands.apply(b), Expr.compute(a.type())), e.type());
        };
    }

    /** A power of integers whose exponent is one number for all elements. */
    static boolean isIntegerPower(Expr e) {
        return e instanceof Expr.Binary(BinaryFn fn, Expr _, Expr b) && fn == BinaryFn.POW && e.type() == ScalarType.INT64
            && (b instanceof Expr.Param || b instanceof Expr.Cast(Expr x, ScalarType _) && x instanceof Expr.Param);
    }

    /** The value as an element of type {@code t} would hold it. */
    public static Object convert(Object v, ScalarType t) {
        return switch (t) {
            case BOOL -> isZero(v) ? 0L : 1L;
            case UINT8, QUINT8 -> toLong(v) & 0xff;
            case INT8, QINT8 -> (long) (byte) toLong(v);
            case INT16 -> (long) (short) toLong(v);
            case INT32, QINT32 -> (long) (int) toLong(v);
            case INT64 -> toLong(v);
            case FLOAT64 -> toDouble(v);
            case FLOAT32 -> (double) toFloat(v);
            case FLOAT16 -> (double) Float.float16ToFloat(Float.floatToFloat16(toFloat(v)));
            case BFLOAT16 -> (double) dev.cresset.tensor.Elements.bfloat16ToFloat(
                dev.cresset.tensor.Elements.floatToBfloat16(toFloat(v)));
            case COMPLEX128, COMPLEX64, COMPLEX32 -> v instanceof Complex ? v : new Complex(toDouble(v), 0);
        };
    }

    private static boolean isZero(Object v) {
        return switch (v) {
            case Boolean b -> !b;
            case Long l -> l == 0;
            case Double d -> d == 0;
            case Complex c -> c.re() == 0 && c.im() == 0;
            default -> throw new IllegalArgumentException("not a number: " + v);
        };
    }

    private static long toLong(Object v) {
        return switch (v) {
            case Long l -> l;
            case Boolean b -> b ? 1 : 0;
            default -> (long) toDouble(v);
        };
    }

    /** Integers round once, not through double. */
    private static float toFloat(Object v) { return v instanceof Long l ? (float) (long) l : (float) toDouble(v); }

    private static double toDouble(Object v) {
        return switch (v) {
            case Double d -> d;
            case Long l -> l;
            case Boolean b -> b ? 1 : 0;
            case Complex c -> c.re();
            default -> throw new IllegalArgumentException("not a number: " + v);
        };
    }

    private static Object unary(UnaryFn fn, Object v) {
        return switch (v) {
            case Long x -> IntegerMath.unary(fn, x);
            case Double x -> RealMath.unary(fn, x);
            case Complex x -> ComplexMath.unary(fn, x);
            default -> throw new IllegalArgumentException("not a number: " + v);
        };
    }

    private static Object binary(BinaryFn fn, Object a, Object b, ScalarType type) {
        if (fn.isComparison()) return compare(fn, a, b);
        return switch (type) {
            case BOOL, INT64 -> IntegerMath.binary(fn, (Long) a, (Long) b);
            case COMPLEX128 -> ComplexMath.binary(fn, (Complex) a, (Complex) b);
            default -> RealMath.binary(fn, (Double) a, (Double) b, type == ScalarType.FLOAT32);
        };
    }

    private static long compare(BinaryFn fn, Object a, Object b) {
        if (a instanceof Complex x) {
            boolean same = x.re() == ((Complex) b).re() && x.im() == ((Complex) b).im();
            return switch (fn) {
                case EQ -> same ? 1 : 0;
                case NE -> same ? 0 : 1;
                default -> throw new ScriptError("complex numbers have no order: " + fn);
            };
        }
        boolean result = a instanceof Long x ? compareLongs(fn, x, (Long) b) : compareDoubles(fn, (Double) a, (Double) b);
        return result ? 1 : 0;
    }

    private static boolean compareLongs(BinaryFn fn, long a, long b) {
        return switch (fn) {
            case EQ -> a == b;
            case NE -> a != b;
            case LT -> a < b;
            case LE -> a <= b;
            case GT -> a > b;
            default -> a >= b;
        };
    }

    private static boolean compareDoubles(BinaryFn fn, double a, double b) {
        return switch (fn) {
            case EQ -> a == b;
            case NE -> a != b;
            case LT -> a < b;
            case LE -> a <= b;
            case GT -> a > b;
            default -> a >= b;
        };
    }

    /** The error for a function that such numbers do not have. @param numbers what they are called */
    public static ScriptError undefined(Enum<?> fn, String numbers) {
        return new ScriptError("'" + fn.name().toLowerCase(Locale.ROOT) + "' is not implemented for " + numbers);
    }
}
