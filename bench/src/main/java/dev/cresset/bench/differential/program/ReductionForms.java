package dev.cresset.bench.differential.program;

import dev.cresset.ir.type.ScalarType;
import java.util.ArrayList;
import java.util.List;

/** Expressions that reduce dimensions, or normalise along them. */
final class ReductionForms {
    private static final double EPSILON = 0.125;

    private ReductionForms() {}

    static Expression reduction(Draw draw) {
        Variable x = draw.variable(k -> k.rank() > 0);
        if (x == null) return null;
        int d = draw.below(x.kind().rank());
        boolean keep = draw.chance(0.5);
        List<Dim> shape = new ArrayList<>(x.kind().shape());
        Dim length = shape.get(d);
        if (keep) shape.set(d, Dim.of(1));
        else shape.remove(d);
        TensorKind kind = x.kind().withShape(shape);
        String at = d + (keep ? ", True)" : ")");
        if (x.kind().dtype() == ScalarType.BOOL) {
            String text = "torch." + draw.oneOf("any", "all") + "(" + x.name() + ", " + at;
            return Expression.computed(text, List.of(x.name()), kind, (_, _) -> Bound.exact(1));
        }
        return switch (draw.below(6)) {
            case 0, 1 -> sum("torch.sum(" + x.name() + ", [" + d + "], " + (keep ? "True" : "False") + ")", x, length, kind);
            case 2, 3 -> x.kind().floating() ? mean("torch.mean(" + x.name() + ", [" + d + "], " + (keep ? "True" : "False") + ")", x, length, kind) : null;
            case 4 -> Expression.copy("torch." + draw.oneOf("amax", "amin") + "(" + x.name() + ", [" + d + "], " + (keep ? "True" : "False") + ")",
                List.of(x.name()), kind);
            default -> x.kind().floating() ? logSumExp("torch.logsumexp(" + x.name() + ", [" + d + "], " + (keep ? "True" : "False") + ")", x, length, kind) : null;
        };
    }

    private static Expression sum(String text, Variable x, Dim length, TensorKind kind) {
        return Expression.computed(text, List.of(x.name()), kind.rounded(),
            (a, sizes) -> a.getFirst().times(length.at(sizes)).rounded(kind.dtype(), length.at(sizes)));
    }

    private static Expression mean(String text, Variable x, Dim length, TensorKind kind) {
        return Expression.computed(text, List.of(x.name()), kind.rounded(), (a, sizes) -> a.getFirst().rounded(kind.dtype(), length.at(sizes)));
    }

    private static Expression logSumExp(String text, Variable x, Dim length, TensorKind kind) {
        return Expression.computed(text, List.of(x.name()), kind.rounded(), (a, sizes) -> {
            double n = Math.max(1, length.at(sizes));
            return a.getFirst().through(1, a.getFirst().magnitude() + Math.log(n)).plus(Bound.exact(1)).rounded(kind.dtype(), n);
        });
    }

    /** Over all elements, to a tensor without dimensions. */
    static Expression total(Draw draw) {
        Variable x = draw.variable(k -> k.dtype() != ScalarType.BOOL);
        if (x == null) return null;
        TensorKind kind = x.kind().withShape(List.of());
        if (draw.chance(0.5)) return sum("torch.sum(" + x.name() + ")", x, x.kind().numel(), kind);
        return x.kind().floating() ? mean("torch.mean(" + x.name() + ")", x, x.kind().numel(), kind)
            : Expression.copy("torch.max(" + x.name() + ")", List.of(x.name()), kind);
    }

    /** The mean of all elements, as a tensor without dimensions. */
    static Expression meanOf(Variable x) { return mean("torch.mean(" + x.name() + ")", x, x.kind().numel(), x.kind().withShape(List.of())); }

    /** An operator that keeps the shape and looks along one dimension. */
    static Expression normalisation(Draw draw) {
        Variable x = draw.variable(k -> k.floating() && k.rank() > 0);
        return x == null ? null : normalisation(draw, x);
    }

    static Expression normalisation(Draw draw, Variable x) {
        int d = draw.below(x.kind().rank());
        Dim length = x.kind().shape().get(d);
        TensorKind kind = x.kind().rounded();
        return switch (draw.below(5)) {
            case 0, 1 -> Expression.computed("torch.softmax(" + x.name() + ", " + (d - x.kind().rank()) + ")", List.of(x.name()), kind,
                (a, sizes) -> a.getFirst().through(2, 1).rounded(kind.dtype(), length.at(sizes) + a.getFirst().magnitude()));
            case 2 -> Expression.computed("torch.log_softmax(" + x.name() + ", " + d + ")", List.of(x.name()), kind, (a, sizes) -> {
                double n = Math.max(1, length.at(sizes)), m = a.getFirst().magnitude();
                return a.getFirst().through(2, 2 * m + Math.log(n) + 1).rounded(kind.dtype(), n);
            });
            case 3 -> sum("torch.cumsum(" + x.name() + ", " + d + ")", x, length, kind);
            default -> layerNorm(draw, x);
        };
    }

    /** Over the last dimension, with weights if its size is known. */
    static Expression layerNorm(Draw draw, Variable x) {
        Dim length = x.kind().last(0);
        if (!length.isConstant() || length.constant() < 2 || x.kind().dtype() != ScalarType.FLOAT32) return null;
        long n = length.constant();
        boolean scaled = draw.chance(0.7);
        Variable weight = scaled ? draw.weight(ScalarType.FLOAT32, 0.5, 1.5, n) : null, bias = scaled ? draw.weight(ScalarType.FLOAT32, -1, 1, n) : null;
        String text = "torch.layer_norm(" + x.name() + ", [" + n + "], " + (scaled ? weight.name() + ", " + bias.name() : "None, None") + ", " + EPSILON + ")";
        return Expression.computed(text, List.of(x.name()), x.kind().rounded(), (a, _) -> normalised(a.getFirst(), n));
    }

    /** A deviation is at most √n standard deviations, and the standard deviation is floored by √ε. */
    private static Bound normalised(Bound x, long n) {
        double slope = (2 + 2 * Math.sqrt(n)) / Math.sqrt(EPSILON);
        double largest = Math.min(Math.sqrt(n), 2 * x.magnitude() / Math.sqrt(EPSILON));
        Bound input = x.rounded(ScalarType.FLOAT32, n);
        return new Bound(1.5 * largest + 1, 1.5 * slope * input.error()).rounded(ScalarType.FLOAT32, 4);
    }
}
