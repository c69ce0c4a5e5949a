package dev.cresset.kernels.expr;

import dev.cresset.ir.type.ScalarType;

/** Functions of one operand. Unless said otherwise the result has the operand's compute type. */
public enum UnaryFn {
    NEG, ABS, SIGN,
    // rounding; the identity on integers
    CEIL, FLOOR, TRUNC,
    /** To nearest, ties to even. */
    ROUND,
    // floats and complex
    SQRT, EXP, LOG, SIN, COS, TAN, ASIN, ACOS, ATAN, SINH, COSH, TANH, ASINH, ACOSH, ATANH,
    // floats
    EXPM1, LOG1P, LOG2, LOG10, EXP2, ERF, ERFC, ERFINV, LGAMMA, DIGAMMA,
    /** The modified Bessel function of the first kind, order 0. */
    BESSEL_I0,
    // integers and bool
    BIT_NOT,
    // to bool
    NOT, IS_NAN, IS_INF, IS_FINITE, SIGN_BIT,
    // complex; REAL, IMAG and ANGLE give float64
    CONJ, REAL, IMAG, ANGLE;

    ScalarType resultType(ScalarType operand) {
        ScalarType c = Expr.compute(operand);
        return switch (this) {
            case NOT, IS_NAN, IS_INF, IS_FINITE, SIGN_BIT -> ScalarType.BOOL;
            case REAL, IMAG, ANGLE -> c == ScalarType.COMPLEX128 ? ScalarType.FLOAT64 : c;
            case ABS -> c == ScalarType.COMPLEX128 ? ScalarType.FLOAT64 : c;
            default -> c;
        };
    }
}
