package dev.cresset.kernels.expr;

import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Expressions with other leaves: loads, numbers, constants, and what reductions gave. Parts that are shared stay so, also among expressions. */
public final class Leaves {
    private final UnaryOperator<Expr> replaced;
    private final Map<Expr, Expr> done = new IdentityHashMap<>();

    /** @param replaced what stands for a leaf, of the same compute type; the leaf itself where it stays */
    public Leaves(UnaryOperator<Expr> replaced) { this.replaced = replaced; }

    /** The expression with its leaves replaced. */
    public Expr in(Expr e) {
        Expr known = done.get(e);
        if (known != null) return known;
        Expr out = switch (e) {
            case Expr.Load _, Expr.Reduced _, Expr.Const _, Expr.Param _ -> replaced.apply(e);
            case Expr.Cast c -> new Expr.Cast(in(c.x()), c.type());
            case Expr.Unary u -> new Expr.Unary(u.fn(), in(u.x()));
            case Expr.Binary b -> new Expr.Binary(b.fn(), in(b.a()), in(b.b()));
            case Expr.Select s -> new Expr.Select(in(s.condition()), in(s.yes()), in(s.no()));
        };
        done.put(e, out);
        return out;
    }
}
