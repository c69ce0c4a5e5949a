package dev.cresset.bench.differential.program;

import dev.cresset.ir.type.ScalarType;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/** Expressions of one element and one element, or of one alone. */
final class PointwiseForms {
    /**
     * A function of floating elements.
     *
     * @param text      with %s for the argument
     * @param slope     of the function, at most, by the argument's magnitude
     * @param magnitude of the result, by the argument's
     */
    private record Smooth(String text, DoubleUnaryOperator slope, DoubleUnaryOperator magnitude) {
        Smooth(String text, double slope, DoubleUnaryOperator magnitude) { this(text, _ -> slope, magnitude); }

        Expression of(Variable x) {
            ScalarType dtype = x.kind().dtype();
            return Expression.computed(String.format(text, x.name()), List.of(x.name()), x.kind().rounded(), (a, _) -> {
                double m = a.getFirst().magnitude(), s = slope.applyAsDouble(m);
                Bound inner = new Bound(Math.max(magnitude.applyAsDouble(m), s * m), 0).rounded(dtype, 2);
                return a.getFirst().through(s, magnitude.applyAsDouble(m)).plus(new Bound(0, inner.error()));
            });
        }
    }

    private static final List<Smooth> SMOOTH = List.of(
        new Smooth("torch.tanh(%s)", 1, m -> Math.min(m, 1)),
        new Smooth("torch.sigmoid(%s)", 1, _ -> 1),
        new Smooth("torch.gelu(%s)", 1.2, m -> m),
        new Smooth("torch.silu(%s)", 1.2, m -> m),
        new Smooth("torch.softplus(%s)", 1, m -> m + 1),
        new Smooth("torch.elu(%s)", 1, m -> m),
        new Smooth("torch.leaky_relu(%s, 0.125)", 1, m -> m),
        new Smooth("torch.hardswish(%s)", 2, m -> m),
        new Smooth("torch.erf(%s)", 1.2, m -> Math.min(1, 1.2 * m)),
        new Smooth("torch.sin(%s)", 1, m -> Math.min(m, 1)),
        new Smooth("torch.cos(%s)", 1, _ -> 1),
        new Smooth("torch.exp(torch.neg(torch.abs(%s)))", 1, _ -> 1),
        new Smooth("torch.expm1(torch.clamp(%s, -2, 1))", 3, _ -> 1.8),
        new Smooth("torch.log1p(torch.abs(%s))", 1, Math::log1p),
        new Smooth("torch.sqrt(torch.add(torch.abs(%s), 0.25))", 1, m -> Math.sqrt(m + 0.25)),
        new Smooth("torch.rsqrt(torch.add(torch.abs(%s), 0.25))", 4, _ -> 2),
        new Smooth("torch.reciprocal(torch.add(torch.abs(%s), 0.5))", 4, _ -> 2),
        new Smooth("torch.mul(%s, 0.3)", 0.3, m -> 0.3 * m),
        new Smooth("torch.add(%s, 1.1)", 1, m -> m + 1.1),
        new Smooth("torch.sub(%s, 1, alpha=3)", 1, m -> m + 3),
        new Smooth("torch.rsub(%s, 1.)", 1, m -> m + 1),
        new Smooth("torch.div(%s, 3)", 1, m -> m),
        new Smooth("torch.pow(%s, 2)", m -> 2 * m, m -> m * m));

    /** Functions that give exact results for exact arguments, and never change more than their argument. */
    private static final List<String> EXACT = List.of("torch.relu(%s)", "torch.neg(%s)", "torch.abs(%s)", "torch.clamp(%s, -1, 2)",
        "torch.clamp(%s, max=1)", "torch.clamp_min(%s, 0)", "torch.clone(%s)");
    private static final List<String> JUMPING = List.of("torch.floor(%s)", "torch.ceil(%s)", "torch.round(%s)", "torch.sign(%s)", "torch.trunc(%s)");
    private static final List<String> COMPARISONS = List.of("gt", "ge", "lt", "le", "eq", "ne");

    private PointwiseForms() {}

    /** A function of floating elements, with rounding. */
    static Expression smooth(Draw draw) {
        Variable x = draw.floating();
        return x == null ? null : smooth(draw, x);
    }

    static Expression smooth(Draw draw, Variable x) { return draw.oneOf(SMOOTH).of(x); }

    /** A function of numbers that has no rounding. */
    static Expression exact(Draw draw) {
        Variable x = draw.variable(k -> k.dtype() != ScalarType.BOOL);
        return x == null ? null : exact(draw, x);
    }

    static Expression exact(Draw draw, Variable x) {
        boolean jumping = x.kind().floating() && x.kind().exact() && draw.chance(0.3);
        double least = jumping ? 1 : 2;
        return Expression.computed(String.format(draw.oneOf(jumping ? JUMPING : EXACT), x.name()), List.of(x.name()), x.kind(),
            (a, _) -> a.getFirst().join(Bound.exact(least)));
    }

    /** Arithmetic of integers that stays small. */
    static Expression integer(Draw draw) {
        Variable x = draw.variable(k -> k.dtype() == ScalarType.INT64);
        if (x == null) return null;
        String text = draw.oneOf("torch.remainder(%s, 7)", "torch.remainder(torch.mul(%s, 3), 5)", "torch.sub(torch.remainder(%s, 9), 4)");
        return Expression.computed(String.format(text, x.name()), List.of(x.name()), x.kind(), (_, _) -> Bound.exact(9));
    }

    static Expression binary(Draw draw) {
        Variable x = draw.variable(k -> k.dtype() != ScalarType.BOOL);
        if (x == null) return null;
        Variable y = partner(draw, x);
        return draw.chance(0.5) ? binary(draw, x, y) : binary(draw, y, x);
    }

    /** Something that broadcasts with it: a variable, or a new weight. */
    static Variable partner(Draw draw, Variable x) {
        Variable y = draw.chance(0.2) ? null : draw.variable(k -> k.dtype() != ScalarType.BOOL && TensorKind.broadcast(k.shape(), x.kind().shape()) != null);
        return y != null && !y.name().equals(x.name()) ? y : weightFor(draw, x.kind(), draw.chance(0.8) ? ScalarType.FLOAT32 : ScalarType.FLOAT64);
    }

    private static Variable weightFor(Draw draw, TensorKind kind, ScalarType dtype) {
        int rank = kind.rank() == 0 ? 0 : 1 + draw.below(kind.rank());
        long[] shape = new long[rank];
        for (int i = 0; i < rank; i++) {
            Dim d = kind.last(rank - 1 - i);
            shape[i] = d.isConstant() && draw.chance(0.8) ? d.constant() : 1;
        }
        return draw.weight(dtype, -1, 1, shape);
    }

    static Expression binary(Draw draw, Variable x, Variable y) {
        TensorKind a = x.kind(), b = y.kind();
        ScalarType dtype = TensorKind.promote(a, b);
        TensorKind kind = new TensorKind(dtype, TensorKind.broadcast(a.shape(), b.shape()), a.exact() && b.exact());
        return switch (draw.below(8)) {
            case 0, 1 -> sum(x, y, kind, draw.oneOf("torch.add(%s, %s)", "torch.sub(%s, %s)", "%s + %s", "torch.add(%s, %s, alpha=1)"));
            case 2, 3 -> result(draw.oneOf("torch.mul(%s, %s)", "%s * %s"), x, y, kind.rounded(), (p, _) -> p.getFirst().times(p.getLast()).rounded(dtype, 1));
            case 4 -> result("torch.div(%s, torch.add(torch.abs(%s), 0.5))", x, y, quotient(kind, a, b), PointwiseForms::quotient);
            case 5, 6 -> result(draw.oneOf("torch.maximum(%s, %s)", "torch.minimum(%s, %s)"), x, y, kind, Expression.Rule.SAME);
            default -> result("torch.sub(torch.mul(%1$s, torch.sigmoid(%2$s)), %2$s)", x, y, quotient(kind, a, b), PointwiseForms::gated);
        };
    }

    private static TensorKind quotient(TensorKind kind, TensorKind a, TensorKind b) {
        ScalarType inner = b.floating() ? b.dtype() : ScalarType.FLOAT32;
        return kind.withDtype(TensorKind.promote(a, b.withDtype(inner))).rounded();
    }

    private static Bound quotient(List<Bound> p, Object sizes) {
        Bound a = p.getFirst(), b = p.getLast();
        return new Bound(2 * a.magnitude(), 2 * a.error() + 4 * a.magnitude() * b.error()).rounded(ScalarType.FLOAT32, 3);
    }

    private static Bound gated(List<Bound> p, Object sizes) {
        Bound gate = p.getLast().through(1, 1);
        return p.getFirst().times(gate).plus(p.getLast()).rounded(ScalarType.FLOAT32, 3);
    }

    /** {@code x} scaled by a sigmoid of a tensor without dimensions. */
    static Expression gatedBy(Variable x, Variable gate) {
        return result("torch.mul(%s, torch.sigmoid(%s))", x, gate, x.kind(), (p, _) -> p.getFirst().times(p.getLast().through(1, 1)).rounded(ScalarType.FLOAT32, 2));
    }

    /** With an addition in 32 bits at least; sums of integers stay exact. */
    static Expression sum(Variable x, Variable y, TensorKind kind, String text) {
        return result(text, x, y, kind.rounded(), (p, _) -> p.getFirst().plus(p.getLast()).rounded(kind.dtype(), 1));
    }

    private static Expression result(String text, Variable x, Variable y, TensorKind kind, Expression.Rule rule) {
        return Expression.computed(String.format(text, x.name(), y.name()), List.of(x.name(), y.name()), kind, rule);
    }

    /** A comparison of exact values, giving bools. */
    static Expression comparison(Draw draw) {
        Variable x = draw.variable(k -> k.exact() && k.dtype() != ScalarType.BOOL);
        if (x == null) return null;
        Variable y = draw.chance(0.5) ? null : draw.variable(k -> k.exact() && TensorKind.broadcast(k.shape(), x.kind().shape()) != null);
        String other = y == null ? draw.oneOf("0", "0.25", "1", "-0.5") : y.name();
        List<Dim> shape = y == null ? x.kind().shape() : TensorKind.broadcast(x.kind().shape(), y.kind().shape());
        String text = "torch." + draw.oneOf(COMPARISONS) + "(" + x.name() + ", " + other + ")";
        return Expression.computed(text, List.of(x.name()), new TensorKind(ScalarType.BOOL, shape, true), (_, _) -> Bound.exact(1));
    }

    /** {@code where} of a condition in scope, or {@code masked_fill}. */
    static Expression selection(Draw draw) {
        Variable c = draw.variable(k -> k.dtype() == ScalarType.BOOL);
        if (c == null) return null;
        Variable x = draw.variable(k -> k.floating() && TensorKind.broadcast(k.shape(), c.kind().shape()) != null);
        if (x == null) return null;
        List<Dim> shape = TensorKind.broadcast(c.kind().shape(), x.kind().shape());
        if (draw.chance(0.5)) {
            return Expression.computed("torch.masked_fill(" + x.name() + ", " + c.name() + ", -0.5)", List.of(x.name()), x.kind().withShape(shape),
                (a, _) -> a.getFirst().join(Bound.exact(1)));
        }
        Variable y = draw.variable(k -> k.dtype() == x.kind().dtype() && TensorKind.broadcast(k.shape(), shape) != null);
        TensorKind kind = new TensorKind(x.kind().dtype(), TensorKind.broadcast(y.kind().shape(), shape), x.kind().exact() && y.kind().exact());
        return Expression.copy("torch.where(" + c.name() + ", " + x.name() + ", " + y.name() + ")", List.of(x.name(), y.name()), kind);
    }

    /** A conversion; to integers of exact values only. */
    static Expression conversion(Draw draw) {
        Variable x = draw.oneOf(draw.scope());
        ScalarType to = draw.oneOf(ScalarType.FLOAT32, ScalarType.FLOAT64, ScalarType.INT64, ScalarType.BOOL);
        if (to == x.kind().dtype() || !to.isFloating() && !x.kind().exact()) return null;
        if (draw.special && x.kind().floating() && !to.isFloating()) return null;   // NaN is no integer
        String text = draw.chance(0.5) ? "torch.to(" + x.name() + ", " + to.code() + ")" : x.name() + ".to(" + to.code() + ")";
        boolean exact = x.kind().exact();
        return Expression.computed(text, List.of(x.name()), new TensorKind(to, x.kind().shape(), exact),
            (a, _) -> exact ? a.getFirst().join(Bound.exact(1)) : a.getFirst().rounded(to, 1));
    }
}
