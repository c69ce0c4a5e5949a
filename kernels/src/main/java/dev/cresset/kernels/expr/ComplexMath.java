package dev.cresset.kernels.expr;

import dev.cresset.ir.type.Complex;

/** The functions of expressions on complex numbers, by their definitions through exp and log. */
final class ComplexMath {
    private static final Complex ONE = new Complex(1, 0);

    private ComplexMath() {}

    /** A Complex; a Double for real parts, moduli and angles; Long 0 or 1 for tests. */
    static Object unary(UnaryFn fn, Complex z) {
        return switch (fn) {
            case ABS -> abs(z);
            case ANGLE -> Math.atan2(z.im(), z.re());
            case REAL -> z.re();
            case IMAG -> z.im();
            case NOT -> z.re() == 0 && z.im() == 0 ? 1L : 0L;
            case IS_NAN -> Double.isNaN(z.re()) || Double.isNaN(z.im()) ? 1L : 0L;
            case IS_INF -> Double.isInfinite(z.re()) || Double.isInfinite(z.im()) ? 1L : 0L;
            case IS_FINITE -> Double.isFinite(z.re()) && Double.isFinite(z.im()) ? 1L : 0L;
            case NEG -> new Complex(-z.re(), -z.im());
            case CONJ -> new Complex(z.re(), -z.im());
            case SIGN -> abs(z) == 0 ? new Complex(0, 0) : new Complex(z.re() / abs(z), z.im() / abs(z));
            case SQRT -> sqrt(z);
            case EXP -> exp(z);
            case EXP2 -> exp(times(z, Math.log(2)));
            case EXPM1 -> subtract(exp(z), ONE);
            case LOG -> log(z);
            case LOG1P -> log(add(z, ONE));
            case LOG2 -> times(log(z), 1 / Math.log(2));
            case LOG10 -> times(log(z), 1 / Math.log(10));
            case SIN -> new Complex(Math.sin(z.re()) * Math.cosh(z.im()), Math.cos(z.re()) * Math.sinh(z.im()));
            case COS -> new Complex(Math.cos(z.re()) * Math.cosh(z.im()), -Math.sin(z.re()) * Math.sinh(z.im()));
            case TAN -> overI(tanh(timesI(z)));
            case SINH -> new Complex(Math.sinh(z.re()) * Math.cos(z.im()), Math.cosh(z.re()) * Math.sin(z.im()));
            case COSH -> new Complex(Math.cosh(z.re()) * Math.cos(z.im()), Math.sinh(z.re()) * Math.sin(z.im()));
            case TANH -> tanh(z);
            case ASIN -> overI(asinh(timesI(z)));
            case ACOS -> subtract(new Complex(Math.PI / 2, 0), overI(asinh(timesI(z))));
            case ATAN -> overI(atanh(timesI(z)));
            case ASINH -> asinh(z);
            case ACOSH -> log(add(z, multiply(sqrt(add(z, ONE)), sqrt(subtract(z, ONE)))));
            case ATANH -> atanh(z);
            case CEIL, FLOOR, TRUNC, ROUND, ERF, ERFC, ERFINV, LGAMMA, DIGAMMA, BESSEL_I0, BIT_NOT, SIGN_BIT ->
                throw ScalarInterpreter.undefined(fn, "complex numbers");
        };
    }

    static Complex binary(BinaryFn fn, Complex a, Complex b) {
        return switch (fn) {
            case ADD -> add(a, b);
            case SUB -> subtract(a, b);
            case MUL -> multiply(a, b);
            case DIV -> divide(a, b);
            case POW -> pow(a, b);
            default -> throw ScalarInterpreter.undefined(fn, "complex numbers");
        };
    }

    private static double abs(Complex z) { return Math.hypot(z.re(), z.im()); }

    private static Complex add(Complex a, Complex b) { return new Complex(a.re() + b.re(), a.im() + b.im()); }

    private static Complex subtract(Complex a, Complex b) { return new Complex(a.re() - b.re(), a.im() - b.im()); }

    private static Complex multiply(Complex a, Complex b) {
        return new Complex(a.re() * b.re() - a.im() * b.im(), a.re() * b.im() + a.im() * b.re());
    }

    private static Complex times(Complex z, double factor) { return new Complex(z.re() * factor, z.im() * factor); }

    private static Complex timesI(Complex z) { return new Complex(-z.im(), z.re()); }

    private static Complex overI(Complex z) { return new Complex(z.im(), -z.re()); }

    /** Scaled by the larger part of the divisor, so that squares do not overflow. */
    private static Complex divide(Complex a, Complex b) {
        if (Math.abs(b.re()) >= Math.abs(b.im())) {
            if (b.re() == 0) return new Complex(a.re() / Math.abs(b.re()), a.im() / Math.abs(b.im()));
            double ratio = b.im() / b.re();
            double scale = 1 / (b.re() + b.im() * ratio);
            return new Complex((a.re() + a.im() * ratio) * scale, (a.im() - a.re() * ratio) * scale);
        }
        double ratio = b.re() / b.im();
        double scale = 1 / (b.re() * ratio + b.im());
        return new Complex((a.re() * ratio + a.im()) * scale, (a.im() * ratio - a.re()) * scale);
    }

    private static Complex exp(Complex z) {
        double r = Math.exp(z.re());
        if (z.im() == 0) return new Complex(r, z.im());
        return new Complex(r * Math.cos(z.im()), r * Math.sin(z.im()));
    }

    private static Complex log(Complex z) { return new Complex(Math.log(abs(z)), Math.atan2(z.im(), z.re())); }

    /** The larger part from the half-angle formula, the smaller from it, so that nothing cancels. */
    private static Complex sqrt(Complex z) {
        double modulus = abs(z);
        if (modulus == 0) return new Complex(0, z.im());
        double large = Math.sqrt((modulus + Math.abs(z.re())) / 2);
        double small = Math.abs(z.im()) / (2 * large);
        return z.re() >= 0 ? new Complex(large, Math.copySign(small, z.im())) : new Complex(small, Math.copySign(large, z.im()));
    }

    private static Complex pow(Complex a, Complex b) {
        if (b.re() == 0 && b.im() == 0) return ONE;
        if (a.re() == 0 && a.im() == 0) return new Complex(0, 0);
        if (b.im() == 0 && b.re() == Math.rint(b.re()) && Math.abs(b.re()) <= 16) return power(a, (int) b.re());
        return exp(multiply(b, log(a)));
    }

    private static Complex power(Complex z, int n) {
        Complex result = ONE;
        for (int i = 0; i < Math.abs(n); i++) result = multiply(result, z);
        return n < 0 ? divide(ONE, result) : result;
    }

    /** By the addition theorem; for large real parts the limit, where cosh would overflow. */
    private static Complex tanh(Complex z) {
        double x = 2 * z.re(), y = 2 * z.im();
        if (Math.abs(x) > 700) return new Complex(Math.signum(x), Math.copySign(0.0, Math.sin(y)));
        double d = Math.cosh(x) + Math.cos(y);
        return new Complex(Math.sinh(x) / d, Math.sin(y) / d);
    }

    /** Odd, so that the sum under the logarithm never cancels. */
    private static Complex asinh(Complex z) {
        if (z.re() < 0) {
            Complex mirrored = asinh(new Complex(-z.re(), -z.im()));
            return new Complex(-mirrored.re(), -mirrored.im());
        }
        return log(add(z, sqrt(add(multiply(z, z), ONE))));
    }

    private static Complex atanh(Complex z) {
        Complex difference = subtract(log(add(ONE, z)), log(subtract(ONE, z)));
        return times(difference, 0.5);
    }
}
