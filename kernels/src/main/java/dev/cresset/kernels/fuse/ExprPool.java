package dev.cresset.kernels.fuse;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.BinaryFn;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.expr.UnaryFn;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes expressions in which equal parts are the same instance, so that comparing them, counting them and computing each
 * once takes a look at identities. (Comparing expressions as records would follow every path through shared parts.)
 */
final class ExprPool {
    private final Map<List<Object>, Expr> known = new HashMap<>();
    private final Map<Expr, Integer> numbers = new IdentityHashMap<>();

    /** How many different expressions there are, operands and constants counted. */
    int size() { return numbers.size(); }

    Expr load(int input, ScalarType t) { return pooled(new Expr.Load(input, t), List.of("load", input)); }

    Expr reduced(int index, ScalarType t) { return pooled(new Expr.Reduced(index, t), List.of("reduced", index)); }

    Expr constant(Object value, ScalarType t) { return pooled(new Expr.Const(value, t), List.of("const", value, t)); }

    Expr cast(Expr x, ScalarType t) {
        return x.type() == t ? x : pooled(new Expr.Cast(x, t), List.of("cast", number(x), t));
    }

    /**
     * An expression with its loads replaced.
     *
     * @param operands what stands for {@code Load(i)}; of this pool, of the load's type
     */
    Expr substitute(Expr e, List<Expr> operands) { return substitute(e, operands, new IdentityHashMap<>()); }

    private Expr substitute(Expr e, List<Expr> operands, Map<Expr, Expr> done) {
        Expr before = done.get(e);
        if (before != null) return before;
        Expr now = switch (e) {
            case Expr.Load(int i, ScalarType _) -> operands.get(i);
            case Expr.Const(Object v, ScalarType t) -> constant(v, t);
            case Expr.Cast(Expr x, ScalarType t) -> cast(substitute(x, operands, done), t);
            case Expr.Unary(UnaryFn fn, Expr x) -> unary(fn, substitute(x, operands, done));
            case Expr.Binary(BinaryFn fn, Expr a, Expr b) -> binary(fn, substitute(a, operands, done), substitute(b, operands, done));
            case Expr.Select(Expr c, Expr yes, Expr no) ->
                select(substitute(c, operands, done), substitute(yes, operands, done), substitute(no, operands, done));
            case Expr.Param _, Expr.Reduced _ -> throw new IllegalArgumentException("not part of a rule: " + e);
        };
        done.put(e, now);
        return now;
    }

    private Expr unary(UnaryFn fn, Expr x) { return pooled(new Expr.Unary(fn, x), List.of(fn, number(x))); }

    private Expr binary(BinaryFn fn, Expr a, Expr b) {
        if (fn == BinaryFn.POW && Expr.compute(a.type()) == ScalarType.FLOAT32 && b instanceof Expr.Const(Object v, ScalarType _)) {
            Expr cheaper = power(a, (Double) v);
            if (cheaper != null) return cheaper;
        }
        return pooled(new Expr.Binary(fn, a, b), List.of(fn, number(a), number(b)));
    }

    /** The powers that the operator, too, computes by multiplying and dividing; null for others. */
    private Expr power(Expr x, double exponent) {
        Expr one = constant(1.0, ScalarType.FLOAT32);
        if (exponent == 2) return binary(BinaryFn.MUL, x, x);
        if (exponent == 3) return binary(BinaryFn.MUL, binary(BinaryFn.MUL, x, x), x);
        if (exponent == 0.5) return unary(UnaryFn.SQRT, binary(BinaryFn.ADD, x, constant(0.0, ScalarType.FLOAT32)));
        if (exponent == -0.5) return binary(BinaryFn.DIV, one, unary(UnaryFn.SQRT, x));
        return exponent == -1 ? binary(BinaryFn.DIV, one, x) : null;
    }

    private Expr select(Expr c, Expr yes, Expr no) {
        return pooled(new Expr.Select(c, yes, no), List.of("select", number(c), number(yes), number(no)));
    }

    /** A number that stands for an expression of this pool. */
    Integer number(Expr e) { return numbers.get(e); }

    private Expr pooled(Expr e, List<Object> key) {
        Expr first = known.putIfAbsent(key, e);
        if (first != null) return first;
        numbers.put(e, numbers.size());
        return e;
    }
}
