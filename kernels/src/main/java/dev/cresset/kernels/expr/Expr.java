package dev.cresset.kernels.expr;

import dev.cresset.ir.type.ScalarType;

/**
 * A scalar expression over the elements of tensors at one output coordinate: the one source of unfused kernels, fused
 * kernels and generated code. {@link ScalarInterpreter} is its living definition.
 *
 * <p>Note [Compute types]. Expressions compute in BOOL, INT64, FLOAT32, FLOAT64 or COMPLEX128. A narrower type (int8,
 * half, complex64 …) appears as the type of a load, of a cast, or of the result: values of it are held in the compute
 * type and rounded or wrapped to the narrow type at that place. int32 arithmetic modulo 2^32 comes out right, since
 * wrapping once at the end gives the same as wrapping at each step.
 */
public sealed interface Expr {
    /** The element type of its value; see Note [Compute types]. */
    ScalarType type();

    /** The element of tensor input {@code input} at this coordinate. @param type the tensor's element type */
    record Load(int input, ScalarType type) implements Expr {}

    /** A number that is an argument of the kernel: number input {@code input}, converted to {@code type}. */
    record Param(int input, ScalarType type) implements Expr {}

    /**
     * The result of reduction {@code index} of the row that this coordinate is in; only in the loop nests of fused
     * kernels, see {@link dev.cresset.kernels.fuse.LoopNest}.
     */
    record Reduced(int index, ScalarType type) implements Expr {}

    /** A constant: Long for integers and bool (0, 1), Double for floats, Complex. */
    record Const(Object value, ScalarType type) implements Expr {}

    record Unary(UnaryFn fn, Expr x) implements Expr {
        @Override public ScalarType type() { return fn.resultType(x.type()); }
    }

    /** Both operands have the same compute type. */
    record Binary(BinaryFn fn, Expr a, Expr b) implements Expr {
        public Binary {
            if (compute(a.type()) != compute(b.type())) {
                throw new IllegalArgumentException(fn + " of " + a.type() + " and " + b.type() + ": cast one of them");
            }
        }

        @Override public ScalarType type() { return fn.isComparison() ? ScalarType.BOOL : compute(a.type()); }
    }

    /** {@code condition ? yes : no}; both sides have the same compute type. Both are evaluated. */
    record Select(Expr condition, Expr yes, Expr no) implements Expr {
        public Select {
            if (condition.type() != ScalarType.BOOL || compute(yes.type()) != compute(no.type())) {
                throw new IllegalArgumentException("select of " + condition.type() + ", " + yes.type() + ", " + no.type());
            }
        }

        @Override public ScalarType type() { return compute(yes.type()); }
    }

    /** The value rounded, truncated or wrapped to {@code type}, as {@code Tensor.to(dtype)} does. */
    record Cast(Expr x, ScalarType type) implements Expr {}

    /** The type in which values of an element type are computed; see Note [Compute types]. */
    static ScalarType compute(ScalarType t) {
        return switch (t.category()) {
            case BOOL -> ScalarType.BOOL;
            case INTEGRAL, QUANTIZED -> ScalarType.INT64;
            case FLOATING -> t == ScalarType.FLOAT64 ? ScalarType.FLOAT64 : ScalarType.FLOAT32;
            case COMPLEX -> ScalarType.COMPLEX128;
        };
    }

    /** A constant of the compute type of {@code t}. */
    static Expr constant(double value, ScalarType t) {
        ScalarType c = compute(t);
        return switch (c) {
            case BOOL -> new Const(value != 0 ? 1L : 0L, c);
            case INT64 -> new Const((long) value, c);
            case COMPLEX128 -> new Const(new dev.cresset.ir.type.Complex(value, 0), c);
            default -> new Const(value, c);
        };
    }

    // ---- building: the number arguments become constants of this expression's type

    private Expr like(double v) { return constant(v, type()); }

    default Expr to(ScalarType t) { return type() == t ? this : new Cast(this, t); }

    default Expr apply(UnaryFn fn) { return new Unary(fn, this); }

    default Expr apply(BinaryFn fn, Expr b) { return new Binary(fn, this, b); }

    default Expr neg() { return apply(UnaryFn.NEG); }

    default Expr abs() { return apply(UnaryFn.ABS); }

    default Expr exp() { return apply(UnaryFn.EXP); }

    default Expr log() { return apply(UnaryFn.LOG); }

    default Expr log1p() { return apply(UnaryFn.LOG1P); }

    default Expr tanh() { return apply(UnaryFn.TANH); }

    default Expr sigmoid() { return neg().exp().add(1).recip(); }

    default Expr sin() { return apply(UnaryFn.SIN); }

    default Expr cos() { return apply(UnaryFn.COS); }

    default Expr erf() { return apply(UnaryFn.ERF); }

    default Expr trunc() { return apply(UnaryFn.TRUNC); }

    default Expr round() { return apply(UnaryFn.ROUND); }

    default Expr sqrt() { return apply(UnaryFn.SQRT); }

    default Expr floor() { return apply(UnaryFn.FLOOR); }

    default Expr add(Expr b) { return apply(BinaryFn.ADD, b); }

    default Expr add(double b) { return add(like(b)); }

    default Expr sub(Expr b) { return apply(BinaryFn.SUB, b); }

    default Expr sub(double b) { return sub(like(b)); }

    default Expr mul(Expr b) { return apply(BinaryFn.MUL, b); }

    default Expr mul(double b) { return mul(like(b)); }

    /** True division for floats and complex; truncating for integers. */
    default Expr div(Expr b) { return apply(BinaryFn.DIV, b); }

    default Expr div(double b) { return div(like(b)); }

    default Expr recip() { return like(1).div(this); }

    default Expr pow(Expr b) { return apply(BinaryFn.POW, b); }

    /** The smaller, NaN if one is NaN. */
    default Expr min(Expr b) { return apply(BinaryFn.MIN, b); }

    default Expr min(double b) { return min(like(b)); }

    /** The larger, NaN if one is NaN. */
    default Expr max(Expr b) { return apply(BinaryFn.MAX, b); }

    default Expr max(double b) { return max(like(b)); }

    default Expr lt(Expr b) { return apply(BinaryFn.LT, b); }

    default Expr lt(double b) { return lt(like(b)); }

    default Expr le(Expr b) { return apply(BinaryFn.LE, b); }

    default Expr le(double b) { return le(like(b)); }

    default Expr gt(Expr b) { return apply(BinaryFn.GT, b); }

    default Expr gt(double b) { return gt(like(b)); }

    default Expr ge(Expr b) { return apply(BinaryFn.GE, b); }

    default Expr ge(double b) { return ge(like(b)); }

    default Expr eq(Expr b) { return apply(BinaryFn.EQ, b); }

    default Expr eq(double b) { return eq(like(b)); }

    default Expr ne(Expr b) { return apply(BinaryFn.NE, b); }

    default Expr ne(double b) { return ne(like(b)); }

    default Expr and(Expr b) { return apply(BinaryFn.AND, b); }

    default Expr or(Expr b) { return apply(BinaryFn.OR, b); }

    default Expr not() { return apply(UnaryFn.NOT); }

    default Expr isNan() { return apply(UnaryFn.IS_NAN); }

    /** {@code this ? yes : no}, for a bool. */
    default Expr select(Expr yes, Expr no) { return new Select(this, yes, no); }
}
