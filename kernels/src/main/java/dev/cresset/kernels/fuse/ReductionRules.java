package dev.cresset.kernels.fuse;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.expr.UnaryFn;
import dev.cresset.kernels.fuse.LoopNest.Fold;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reductions over the last dimensions. Sums are taken in the compute type of the result. */
final class ReductionRules {
    static final Map<String, FusionRule> TABLE = table();

    private ReductionRules() {}

    /** From the operand, converted to the type computed in, to the result before its conversion. */
    private interface Body { Term apply(Term x, int kept, OperatorCall c); }

    private static Map<String, FusionRule> table() {
        Map<String, FusionRule> out = new HashMap<>();
        all(out, "sum", (x, k, _) -> x.fold(Fold.SUM, k));
        dims(out, "sum.dim_IntList", 1, (x, k, _) -> x.fold(Fold.SUM, k));
        all(out, "mean", (x, k, _) -> mean(x, k));
        dims(out, "mean.dim", 1, (x, k, _) -> mean(x, k));
        for (Fold fold : new Fold[] {Fold.MAX, Fold.MIN}) {
            String name = fold.name().toLowerCase(java.util.Locale.ROOT);
            all(out, name, (x, k, _) -> x.fold(fold, k));
            dims(out, "a" + name, 1, (x, k, _) -> x.fold(fold, k));
            out.put("aten::" + name + ".dim", c -> Arrays.asList(reduced(c, 1, (x, k, _) -> x.fold(fold, k)), null));
        }
        for (String name : new String[] {"any", "all"}) {
            Fold fold = name.equals("any") ? Fold.MAX : Fold.MIN;
            out.put("aten::" + name, c -> List.of(truth(c, fold, 0)));
            out.put("aten::" + name + ".dim", c -> List.of(truth(c, fold, Row.kept(c.in(0).sizes(), c.int64(1)))));
        }
        for (String name : new String[] {"logsumexp", "special_logsumexp"}) dims(out, name, 1, (x, k, _) -> logSumExp(x, k));
        norms(out);
        return Map.copyOf(out);
    }

    private static void norms(Map<String, FusionRule> out) {
        all(out, "norm.Scalar", (x, k, c) -> norm(x, k, c, 1));
        all(out, "norm.ScalarOpt_dtype", (x, k, c) -> norm(x, k, c, 1));
        dims(out, "norm.ScalarOpt_dim", 2, (x, k, c) -> norm(x, k, c, 1));
        dims(out, "norm.ScalarOpt_dim_dtype", 2, (x, k, c) -> norm(x, k, c, 1));
        dims(out, "linalg_vector_norm", 2, (x, k, c) -> norm(x, k, c, 1));
        all(out, "frobenius_norm", (x, k, _) -> euclidean(x, k));
        dims(out, "frobenius_norm.dim", 1, (x, k, _) -> euclidean(x, k));
    }

    private static void all(Map<String, FusionRule> out, String name, Body body) {
        out.put("aten::" + name, c -> List.of(finished(c, body.apply(operand(c), 0, c))));
    }

    private static void dims(Map<String, FusionRule> out, String name, int dims, Body body) {
        out.put("aten::" + name, c -> List.of(reduced(c, dims, body)));
    }

    private static Term reduced(OperatorCall c, int dims, Body body) {
        return finished(c, body.apply(operand(c), Row.kept(c.in(0).sizes(), c.longs(dims)), c));
    }

    private static Term operand(OperatorCall c) {
        ScalarType from = c.in(0).type();
        ScalarType to = c.type(0);
        // a narrower result is rounded after the sum
        boolean rounds = from.isFloating() && to.isFloating();
        return c.in(0).to(rounds ? Expr.compute(to) : to);
    }

    private static Term finished(OperatorCall c, Term result) { return result.to(c.type(0)).reshaped(c.sizes(0)); }

    private static Term truth(OperatorCall c, Fold fold, int kept) {
        return finished(c, c.in(0).to(ScalarType.BOOL).fold(fold, kept));
    }

    /** The mean of each row. */
    static Term mean(Term x, int kept) {
        Term sum = x.fold(Fold.SUM, kept);
        return sum.map(Term.load(0, sum).div(Row.length(x.sizes(), kept)));
    }

    /** log Σ exp with the largest element taken out, unless that is infinite. */
    private static Term logSumExp(Term x, int kept) {
        Term max = x.fold(Fold.MAX, kept);
        Expr m = Term.load(0, max);
        Term shift = max.map(m.apply(UnaryFn.IS_INF).select(Expr.constant(0, max.type()), m));
        Term sum = x.map(Term.load(0, x).sub(Term.load(1, shift)).exp(), shift).fold(Fold.SUM, kept);
        return sum.map(Term.load(0, sum).log().add(Term.load(1, shift)), shift);
    }

    private static Term norm(Term x, int kept, OperatorCall c, int order) {
        double p = c.isNone(order) ? 2 : c.float64(order);
        Expr e = Term.load(0, x);
        if (p == 2) return euclidean(x, kept);
        if (p == 1) return x.map(e.abs()).fold(Fold.SUM, kept);
        if (p == 0) return x.map(e.ne(0).to(Expr.compute(x.type()))).fold(Fold.SUM, kept);
        if (p == Double.POSITIVE_INFINITY) return x.map(e.abs()).fold(Fold.MAX, kept);
        if (p == Double.NEGATIVE_INFINITY) return x.map(e.abs()).fold(Fold.MIN, kept);
        throw new CannotFuse("a norm of order " + p);
    }

    private static Term euclidean(Term x, int kept) {
        Expr e = Term.load(0, x);
        Term sum = x.map(e.mul(e)).fold(Fold.SUM, kept);
        return sum.map(Term.load(0, sum).sqrt());
    }
}
