package dev.cresset.kernels.expr;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Args;
import dev.cresset.tensor.Tensor;

/** The arguments of a pointwise operator, as its rule sees them: by position in the schema. */
public final class PointwiseArgs {
    private final Args args;
    private final ScalarType type;

    PointwiseArgs(Args args, ScalarType type) {
        this.args = args;
        this.type = type;
    }

    /** The type the operator computes in (before rounding to the result's type), by its {@link Promotion}. */
    public ScalarType type() { return type; }

    /** Tensor or number argument i, converted to {@link #type()}. */
    public Expr in(int i) {
        return args.get(i) instanceof Tensor ? raw(i).to(type) : new Expr.Param(i, Expr.compute(type)).to(type);
    }

    /** Tensor argument i in its own type, or number argument i in the compute type of its own. */
    public Expr raw(int i) {
        if (args.get(i) instanceof Tensor t) return new Expr.Load(i, t.dtype());
        return new Expr.Param(i, PointwiseCall.numberType(args.get(i)));
    }

    /** A constant of {@link #type()}. */
    public Expr constant(double value) { return Expr.constant(value, type); }

    /** True if argument i is the int 1, so that a factor can be left out. */
    public boolean isOne(int i) { return args.get(i) instanceof Long l && l == 1; }

    public boolean isNone(int i) { return args.isNone(i); }

    /** A bool or str argument; the expression may depend on it. */
    public Object flag(int i) {
        Object v = args.get(i);
        if (v instanceof Number) throw new IllegalArgumentException("numbers are parameters, not flags");
        return v;
    }
}
