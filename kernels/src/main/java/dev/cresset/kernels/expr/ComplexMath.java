package dev.cresset.kernels.expr;

import dev.cresset.ir.type.Complex;

/** The functions of expressions on complex numbers. */
final class ComplexMath {
    private ComplexMath() {}

    static Object unary(UnaryFn fn, Complex z) {
        return switch (fn) {
            case NEG -> new Complex(-z.re(), -z.im());
            case ABS -> Math.hypot(z.re(), z.im());
            case ANGLE -> Math.atan2(z.im(), z.re());
            case REAL -> z.re();
            case IMAG -> z.im();
            case CONJ -> new Complex(z.re(), -z.im());
            default -> throw new IllegalArgumentException(fn + " on complex numbers");
        };
    }

    static Object binary(BinaryFn fn, Complex a, Complex b) {
        return switch (fn) {
            case ADD -> new Complex(a.re() + b.re(), a.im() + b.im());
            case SUB -> new Complex(a.re() - b.re(), a.im() - b.im());
            case MUL -> new Complex(a.re() * b.re() - a.im() * b.im(), a.re() * b.im() + a.im() * b.re());
            default -> throw new IllegalArgumentException(fn + " on complex numbers");
        };
    }
}
