package dev.cresset.kernels.ops.scalar;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.Complex;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;

/** Arithmetic on TorchScript numbers of any mix: Long, Double, Complex, and Boolean taken as 0 or 1. */
final class Numbers {
    private Numbers() {}

    static Object add(Object a, Object b) {
        if (a instanceof Long x && b instanceof Long y) return x + y;
        if (anyComplex(a, b)) return ComplexNumbers.add(toComplex(a), toComplex(b));
        return promote(a, b, Long::sum, Double::sum);
    }

    static Object sub(Object a, Object b) {
        if (a instanceof Long x && b instanceof Long y) return x - y;
        if (anyComplex(a, b)) return ComplexNumbers.sub(toComplex(a), toComplex(b));
        return promote(a, b, (x, y) -> x - y, (x, y) -> x - y);
    }

    static Object mul(Object a, Object b) {
        if (a instanceof Long x && b instanceof Long y) return x * y;
        if (anyComplex(a, b)) return ComplexNumbers.mul(toComplex(a), toComplex(b));
        return promote(a, b, (x, y) -> x * y, (x, y) -> x * y);
    }

    /** True division; by zero gives inf or nan. */
    static Object div(Object a, Object b) {
        if (anyComplex(a, b)) return ComplexNumbers.div(toComplex(a), toComplex(b));
        return toDouble(a) / toDouble(b);
    }

    static Object floordiv(Object a, Object b) {
        return promote(a, b, (x, y) -> Math.floorDiv(x, nonZero(y)), (x, y) -> Math.floor(x / y));
    }

    /** With the divisor's sign. */
    static Object remainder(Object a, Object b) {
        return promote(a, b, (x, y) -> Math.floorMod(x, nonZero(y)), (x, y) -> (y + x % y) % y);
    }

    static Object pow(Object a, Object b) {
        if (anyComplex(a, b)) return ComplexNumbers.pow(toComplex(a), toComplex(b));
        double base = toDouble(a);
        double exponent = toDouble(b);
        if (base == 0 && exponent < 0) throw new ScriptError("0.0 cannot be raised to a negative power");
        return cPow(base, exponent);
    }

    /** As in C, 1 to any power and -1 to an infinite power are 1; Java says NaN. */
    static double cPow(double base, double exponent) {
        return base == 1 || base == -1 && Double.isInfinite(exponent) ? 1 : Math.pow(base, exponent);
    }

    static Object[] divmod(Object a, Object b) {
        if (isInt(a) && isInt(b)) {
            if (toLong(b) == 0) throw new ScriptError("ZeroDivisionError: integer division or modulo by zero");
            return new Object[] {Math.floorDiv(toLong(a), toLong(b)), Math.floorMod(toLong(a), toLong(b))};
        }
        double x = toDouble(a);
        double y = toDouble(b);
        if (y == 0) throw new ScriptError("ZeroDivisionError: float divmod()");
        double r = x % y;
        if (r != 0 && r < 0 != y < 0) r += y;
        return new Object[] {(x - r) / y, r};
    }

    static Object neg(Object a) {
        return switch (a) {
            case Double d -> -d;
            case Complex c -> new Complex(-c.re(), -c.im());
            default -> -toLong(a);
        };
    }

    static Object abs(Object a) {
        return switch (a) {
            case Double d -> Math.abs(d);
            case Complex c -> Math.hypot(c.re(), c.im());
            default -> Math.abs(toLong(a));
        };
    }

    /** C++ {@code a > b ? a : b}, so a NaN in second place wins. */
    static Object max(Object a, Object b) { return promote(a, b, Math::max, (x, y) -> x > y ? x : y); }

    static Object min(Object a, Object b) { return promote(a, b, Math::min, (x, y) -> x < y ? x : y); }

    /** Order of two real numbers or strings; false with NaN. */
    static boolean less(Object a, Object b) {
        if (a instanceof Long x && b instanceof Long y) return x < y;
        if (a instanceof String x) return compareText(x, (String) b) < 0;
        return toDouble(a) < toDouble(b);
    }

    static boolean lessOrEqual(Object a, Object b) {
        if (a instanceof Long x && b instanceof Long y) return x <= y;
        if (a instanceof String x) return compareText(x, (String) b) <= 0;
        return toDouble(a) <= toDouble(b);
    }

    /** By code point, which is also the order of UTF-8 bytes; Java's own order differs beyond the basic plane. */
    static int compareText(String a, String b) {
        return java.util.Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray());
    }

    private static Object promote(Object a, Object b, LongBinaryOperator ints, DoubleBinaryOperator floats) {
        return isInt(a) && isInt(b) ? (Object) ints.applyAsLong(toLong(a), toLong(b)) : (Object) floats.applyAsDouble(toDouble(a), toDouble(b));
    }

    static boolean isInt(Object a) { return a instanceof Long || a instanceof Boolean; }

    private static boolean anyComplex(Object a, Object b) { return a instanceof Complex || b instanceof Complex; }

    private static long nonZero(long divisor) {
        if (divisor == 0) throw new ScriptError("division by 0");
        return divisor;
    }

    /** An int or bool as long. */
    static long toLong(Object a) { return a instanceof Boolean b ? (b ? 1 : 0) : (Long) a; }

    static double toDouble(Object a) {
        return switch (a) {
            case Double d -> d;
            case Complex c when c.im() == 0 -> c.re();
            case Complex _ -> throw new ScriptError("value cannot be converted to type double without overflow");
            default -> toLong(a);
        };
    }

    static Complex toComplex(Object a) { return a instanceof Complex c ? c : new Complex(toDouble(a), 0); }

    /** As x86 converts: truncated, the smallest int64 for what does not fit. */
    static long truncate(double d) { return d >= -0x1p63 && d < 0x1p63 ? (long) d : Long.MIN_VALUE; }

    /** The int64 of an integral result, as {@code floor} and {@code ceil} give it. */
    static long integral(double d) {
        if (d >= -0x1p63 && d < 0x1p63) return (long) d;
        throw new ScriptError("Cannot convert float " + dev.cresset.kernels.value.FloatText.fixed(d, 6) + " to integer");
    }
}
