package dev.cresset.kernels.cpu.jit;

import dev.cresset.kernels.expr.BinaryFn;
import dev.cresset.kernels.expr.UnaryFn;
import dev.cresset.kernels.nest.Dag;

/** About how many simple machine operations an operation takes for each element, or each vector of them. */
final class Cost {
    private Cost() {}

    static int of(Dag.Node n) {
        return switch (n.op()) {
            case Dag.Op.Constant _, Dag.Op.Reduced _, Dag.Op.Param _ -> 0;
            case Dag.Op.Load _, Dag.Op.Cast _, Dag.Op.Select _ -> 1;
            case Dag.Op.Unary(UnaryFn fn) -> of(fn);
            case Dag.Op.Binary(BinaryFn fn) -> of(fn);
        };
    }

    private static int of(UnaryFn fn) {
        return switch (fn) {
            case NEG, ABS, BIT_NOT, NOT, IS_NAN, IS_INF, IS_FINITE, SIGN_BIT, CONJ, REAL, IMAG -> 1;
            case SIGN, CEIL, FLOOR, TRUNC, ROUND -> 6;
            case SQRT -> 8;
            case EXP -> 16;
            case TANH, ERF -> 24;
            case LOG, LOG1P, EXPM1, SIN, COS, TAN, ASIN, ACOS, ATAN, SINH, COSH, ASINH, ACOSH, ATANH, LOG2, LOG10, EXP2, ERFC, ERFINV,
                LGAMMA, DIGAMMA, BESSEL_I0, ANGLE -> 30;
        };
    }

    private static int of(BinaryFn fn) {
        return switch (fn) {
            case ADD, SUB, MUL, AND, OR, XOR, EQ, NE, LT, LE, GT, GE, SHIFT_LEFT, SHIFT_RIGHT -> 1;
            case MIN, MAX, FMIN, FMAX, COPYSIGN -> 3;
            case DIV, TRUNC_DIV -> 8;
            case POW, FLOOR_DIV, REMAINDER, FMOD, ATAN2, HYPOT, NEXTAFTER, GCD, LCM -> 30;
        };
    }

    /** Worth a scratch row, rather than being computed again. */
    static boolean isExpensive(Dag.Node n) { return of(n) >= 8; }
}
