package dev.cresset.kernels.ops.scalar;

import dev.cresset.ir.type.Complex;

/** Functions of a complex variable, principal values. */
final class ComplexNumbers {
    private static final Complex ONE = new Complex(1, 0);

    private ComplexNumbers() {}

    static Complex add(Complex a, Complex b) { return new Complex(a.re() + b.re(), a.im() + b.im()); }

    static Complex sub(Complex a, Complex b) { return new Complex(a.re() - b.re(), a.im() - b.im()); }

    static Complex mul(Complex a, Complex b) {
        return new Complex(a.re() * b.re() - a.im() * b.im(), a.re() * b.im() + a.im() * b.re());
    }

    /** Scaled by the larger part of the divisor, so that squares do not overflow. */
    static Complex div(Complex a, Complex b) {
        if (Math.abs(b.re()) >= Math.abs(b.im())) {
            if (b.re() == 0) return new Complex(a.re() / Math.abs(b.re()), a.im() / Math.abs(b.re()));
            double q = b.im() / b.re();
            double d = b.re() + b.im() * q;
            return new Complex((a.re() + a.im() * q) / d, (a.im() - a.re() * q) / d);
        }
        double q = b.re() / b.im();
        double d = b.re() * q + b.im();
        return new Complex((a.re() * q + a.im()) / d, (a.im() * q - a.re()) / d);
    }

    static Complex pow(Complex a, Complex b) {
        if (b.re() == 0 && b.im() == 0) return ONE;
        if (a.re() == 0 && a.im() == 0) return new Complex(0, 0);
        return exp(mul(b, log(a)));
    }

    static Complex exp(Complex z) { return polar(Math.exp(z.re()), z.im()); }

    static Complex polar(double abs, double angle) { return new Complex(abs * Math.cos(angle), abs * Math.sin(angle)); }

    static Complex log(Complex z) { return new Complex(Math.log(Math.hypot(z.re(), z.im())), angle(z)); }

    static Complex log10(Complex z) {
        Complex l = log(z);
        return new Complex(l.re() / Math.log(10), l.im() / Math.log(10));
    }

    static double angle(Complex z) { return Math.atan2(z.im(), z.re()); }

    static Complex sqrt(Complex z) {
        if (z.re() == 0 && z.im() == 0) return new Complex(0, z.im());
        double t = Math.sqrt((Math.abs(z.re()) + Math.hypot(z.re(), z.im())) / 2);
        if (z.re() >= 0) return new Complex(t, z.im() / (2 * t));
        return new Complex(Math.abs(z.im()) / (2 * t), Math.copySign(t, z.im()));
    }

    static Complex sin(Complex z) { return turnBack(sinh(turn(z))); }

    static Complex cos(Complex z) { return cosh(turn(z)); }

    static Complex tan(Complex z) { return turnBack(tanh(turn(z))); }

    static Complex sinh(Complex z) {
        return new Complex(Math.sinh(z.re()) * Math.cos(z.im()), Math.cosh(z.re()) * Math.sin(z.im()));
    }

    static Complex cosh(Complex z) {
        return new Complex(Math.cosh(z.re()) * Math.cos(z.im()), Math.sinh(z.re()) * Math.sin(z.im()));
    }

    static Complex tanh(Complex z) {
        if (Math.abs(z.re()) > 20) return new Complex(Math.copySign(1, z.re()), 0); // cosh would overflow
        return div(sinh(z), cosh(z));
    }

    static Complex asinh(Complex z) {
        Complex s1 = sqrt(new Complex(1 + z.im(), -z.re()));
        Complex s2 = sqrt(new Complex(1 - z.im(), z.re()));
        return new Complex(RealFunctions.asinh(s1.re() * s2.im() - s2.re() * s1.im()),
            Math.atan2(z.im(), s1.re() * s2.re() - s1.im() * s2.im()));
    }

    static Complex asin(Complex z) { return turnBack(asinh(turn(z))); }

    static Complex acos(Complex z) {
        Complex s1 = sqrt(new Complex(1 - z.re(), -z.im()));
        Complex s2 = sqrt(new Complex(1 + z.re(), z.im()));
        return new Complex(2 * Math.atan2(s1.re(), s2.re()), RealFunctions.asinh(s2.re() * s1.im() - s2.im() * s1.re()));
    }

    static Complex acosh(Complex z) {
        Complex s1 = sqrt(new Complex(z.re() - 1, z.im()));
        Complex s2 = sqrt(new Complex(z.re() + 1, z.im()));
        return new Complex(RealFunctions.asinh(s1.re() * s2.re() + s1.im() * s2.im()), 2 * Math.atan2(s1.im(), s2.re()));
    }

    static Complex atanh(Complex z) {
        double x = z.re();
        double y = z.im();
        double re = Math.log1p(4 * x / ((1 - x) * (1 - x) + y * y)) / 4;
        return new Complex(re, Math.atan2(2 * y, (1 - x) * (1 + x) - y * y) / 2);
    }

    static Complex atan(Complex z) { return turnBack(atanh(turn(z))); }

    /** i z. */
    private static Complex turn(Complex z) { return new Complex(-z.im(), z.re()); }

    /** z / i. */
    private static Complex turnBack(Complex z) { return new Complex(z.im(), -z.re()); }
}
