package dev.cresset.kernels.expr;

/** Functions of two operands of one compute type. */
public enum BinaryFn {
    ADD, SUB, MUL,
    /** True division for floats; truncating for integers, by zero an error. */
    DIV,
    /** Rounds towards minus infinity. */
    FLOOR_DIV,
    /** Rounds towards zero. */
    TRUNC_DIV,
    /** The sign of the divisor, as Python's %. */
    REMAINDER,
    /** The sign of the dividend, as C's fmod. */
    FMOD,
    /** On integers an exponent that is a {@link Expr.Param} must not be negative; other negative ones give 0 (or a sign). */
    POW,
    /** NaN if one is NaN. */
    MIN, MAX,
    /** The other if one is NaN. */
    FMIN, FMAX,
    ATAN2, HYPOT, COPYSIGN, NEXTAFTER,
    /** On bools and bits. */
    AND, OR, XOR,
    SHIFT_LEFT, SHIFT_RIGHT,
    /** On integers. */
    GCD, LCM,
    // to bool
    EQ, NE, LT, LE, GT, GE;

    public boolean isComparison() { return compareTo(EQ) >= 0; }
}
