package dev.cresset.kernels.expr;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Args;
import java.util.IdentityHashMap;
import java.util.Map;

/** Puts number arguments into an expression as constants. What is shared in the expression stays shared. */
final class Numbers {
    private final Args args;
    private final Map<Expr, Expr> done = new IdentityHashMap<>();

    private Numbers(Args args) { this.args = args; }

    /** @throws ScriptError if a number is one that the operator refuses when it runs */
    static Expr bind(Expr e, Args args) { return new Numbers(args).of(e); }

    private Expr of(Expr e) {
        Expr known = done.get(e);
        if (known == null) done.put(e, known = rebuild(e));
        return known;
    }

    private Expr rebuild(Expr e) {
        return switch (e) {
            case Expr.Param(int i, ScalarType t) -> constant(args.get(i), t);
            case Expr.Load _, Expr.Reduced _, Expr.Const _ -> e;
            case Expr.Cast(Expr x, ScalarType t) -> cast(of(x), t);
            case Expr.Unary(UnaryFn fn, Expr x) -> of(x) == x ? e : new Expr.Unary(fn, of(x));
            case Expr.Binary(BinaryFn fn, Expr a, Expr b) -> {
                if (ScalarInterpreter.isIntegerPower(e) && of(b) instanceof Expr.Const(Object v, _)) IntegerMath.exponent((Long) v);
                yield of(a) == a && of(b) == b ? e : new Expr.Binary(fn, of(a), of(b));
            }
            case Expr.Select(Expr c, Expr yes, Expr no) -> new Expr.Select(of(c), of(yes), of(no));
        };
    }

    private static Expr cast(Expr x, ScalarType t) { return x instanceof Expr.Const(Object v, _) ? constant(v, t) : new Expr.Cast(x, t); }

    /** A number as an element of type {@code t} holds it. */
    private static Expr constant(Object number, ScalarType t) { return new Expr.Const(ScalarInterpreter.convert(number, t), t); }
}
