package dev.cresset.kernels.ops.scalar;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.Complex;
import dev.cresset.kernels.op.Body;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;

/** Python's {@code math} and {@code cmath}. */
final class MathOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        Overloads o = new Overloads(ops);
        real(o);
        complex(o);
        rounding(o);
        twoNumbers(o);
        logarithms(o);
        integers(o);
        o.each("aten::frexp", a -> RealFunctions.frexp(a.float64(0)), "(float a) -> (float, int)");
        o.each("aten::modf", a -> RealFunctions.modf(a.float64(0)), "(float a) -> (float, float)");
        o.each("aten::ldexp", a -> a.float64(0) * Math.pow(2, a.int64(1)), "(float x, int i) -> float");
        tests(o);
    }

    private static void real(Overloads o) {
        unary(o, "log1p", Math::log1p);
        unary(o, "expm1", Math::expm1);
        unary(o, "fabs", Math::abs);
        unary(o, "gamma", RealFunctions::gamma);
        unary(o, "lgamma", RealFunctions::lgamma);
        unary(o, "erf", RealFunctions::erf);
        unary(o, "erfc", RealFunctions::erfc);
        unary(o, "degrees", x -> x * (180 / Math.PI));
        unary(o, "radians", x -> x * (Math.PI / 180));
    }

    private static void complex(Overloads o) {
        unary(o, "sqrt", Math::sqrt, ComplexNumbers::sqrt);
        unary(o, "exp", Math::exp, ComplexNumbers::exp);
        unary(o, "log10", Math::log10, ComplexNumbers::log10);
        unary(o, "sin", Math::sin, ComplexNumbers::sin);
        unary(o, "cos", Math::cos, ComplexNumbers::cos);
        unary(o, "tan", Math::tan, ComplexNumbers::tan);
        unary(o, "asin", Math::asin, ComplexNumbers::asin);
        unary(o, "acos", Math::acos, ComplexNumbers::acos);
        unary(o, "atan", Math::atan, ComplexNumbers::atan);
        unary(o, "sinh", Math::sinh, ComplexNumbers::sinh);
        unary(o, "cosh", Math::cosh, ComplexNumbers::cosh);
        unary(o, "tanh", Math::tanh, ComplexNumbers::tanh);
        unary(o, "asinh", RealFunctions::asinh, ComplexNumbers::asinh);
        unary(o, "acosh", RealFunctions::acosh, ComplexNumbers::acosh);
        unary(o, "atanh", RealFunctions::atanh, ComplexNumbers::atanh);
        o.each("aten::angle", a -> angle(a.get(0)), ".int(int a) -> float", ".float(float a) -> float", ".complex(complex a) -> float",
            ".Scalar(Scalar a) -> Scalar");
    }

    private static Object angle(Object v) {
        if (v instanceof Complex c) return ComplexNumbers.angle(c);
        double d = Numbers.toDouble(v);
        return Double.isNaN(d) ? d : d < 0 ? Math.PI : 0.0;
    }

    private static void unary(Overloads o, String name, DoubleUnaryOperator f) {
        o.each("aten::" + name, a -> f.applyAsDouble(a.float64(0)),
            ".int(int a) -> float", ".float(float a) -> float", ".Scalar(Scalar a) -> Scalar");
    }

    private static void unary(Overloads o, String name, DoubleUnaryOperator f, UnaryOperator<Complex> g) {
        o.each("aten::" + name, a -> a.get(0) instanceof Complex c ? g.apply(c) : (Object) f.applyAsDouble(a.float64(0)),
            ".int(int a) -> float", ".float(float a) -> float", ".complex(complex a) -> complex", ".Scalar(Scalar a) -> Scalar");
    }

    private static void rounding(Overloads o) {
        String[] tails = {".int(int a) -> int", ".float(float a) -> int", ".Scalar(Scalar a) -> Scalar"};
        o.each("aten::ceil", a -> a.get(0) instanceof Double d ? Numbers.integral(Math.ceil(d)) : a.int64(0), tails);
        o.each("aten::floor", a -> a.get(0) instanceof Double d ? Numbers.integral(Math.floor(d)) : a.int64(0), tails);
        o.each("aten::round", a -> Math.rint(a.float64(0)),
            ".int(int a) -> float", ".float(float a) -> float", ".Scalar(Scalar a) -> Scalar");
    }

    private static void twoNumbers(Overloads o) {
        two(o, "atan2", Math::atan2, ".Scalar_Scalar");
        two(o, "copysign", Math::copySign, "");
        two(o, "fmod", (x, y) -> x % y, "");
        two(o, "mathremainder", Math::IEEEremainder, "");
        Body.Function polar = a -> ComplexNumbers.polar(a.float64(0), a.float64(1));
        o.binary("aten::polar", polar, "int -> complex", "float -> complex", "int_float -> complex", "float_int -> complex");
        o.each("aten::polar", polar, ".Scalar_Scalar(Scalar a, Scalar b) -> Scalar");
    }

    private static void two(Overloads o, String name, DoubleBinaryOperator f, String scalarOverload) {
        Body.Function body = a -> f.applyAsDouble(a.float64(0), a.float64(1));
        o.binary("aten::" + name, body, "int -> float", "float -> float", "int_float -> float", "float_int -> float");
        o.each("aten::" + name, body, scalarOverload + "(Scalar a, Scalar b) -> float");
    }

    private static void logarithms(Overloads o) {
        unary(o, "log", Math::log, ComplexNumbers::log);
        Body.Function toBase = a -> logToBase(a.get(0), a.get(1));
        o.binary("aten::log", toBase, "int_int -> float", "float_float -> float", "complex_complex -> complex", "int_float -> float",
            "float_int -> float", "int_complex -> complex", "complex_int -> complex", "float_complex -> complex", "complex_float -> complex");
        o.each("aten::log", toBase, ".Scalar_Scalar(Scalar a, Scalar b) -> float");
    }

    private static Object logToBase(Object x, Object base) {
        if (x instanceof Complex || base instanceof Complex) {
            return ComplexNumbers.div(ComplexNumbers.log(Numbers.toComplex(x)), ComplexNumbers.log(Numbers.toComplex(base)));
        }
        return Math.log(Numbers.toDouble(x)) / Math.log(Numbers.toDouble(base));
    }

    private static void integers(Overloads o) {
        o.each("aten::factorial", a -> factorial(a.int64(0)), ".int(int a) -> int");
        o.each("aten::gcd", a -> gcd(a.int64(0), a.int64(1)), ".int(int a, int b) -> int");
    }

    /** Modulo 2^64, where it is 0 from 66 on. */
    private static long factorial(long n) {
        if (n < 0) throw new ScriptError("factorial() not defined for negative values");
        if (n >= 66) return 0;
        long product = 1;
        for (long i = 2; i <= n; i++) product *= i;
        return product;
    }

    private static long gcd(long a, long b) {
        while (b != 0) {
            long r = a % b;
            a = b;
            b = r;
        }
        return Math.abs(a);
    }

    private static void tests(Overloads o) {
        String[] tails = {".float(float a) -> bool", ".complex(complex a) -> bool"};
        o.each("aten::isnan", a -> Double.isNaN(re(a.get(0))) || Double.isNaN(im(a.get(0))), tails);
        o.each("aten::isinf", a -> Double.isInfinite(re(a.get(0))) || Double.isInfinite(im(a.get(0))), tails);
        o.each("aten::isfinite", a -> Double.isFinite(re(a.get(0))) && Double.isFinite(im(a.get(0))), tails);
    }

    private static double re(Object v) { return v instanceof Complex c ? c.re() : Numbers.toDouble(v); }

    private static double im(Object v) { return v instanceof Complex c ? c.im() : 0; }
}
