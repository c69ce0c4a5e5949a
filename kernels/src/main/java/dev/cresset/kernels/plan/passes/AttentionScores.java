package dev.cresset.kernels.plan.passes;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Uses;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Scores of attention: query · keyᵀ · scale, and masks after that. Several are all added, or all hide scores by the same number: added to
 * what another one hides, a mask would be added to a number that is no score.
 *
 * @param keys  keyᵀ, [batch…, width, keys]
 * @param masks as they are applied
 */
record AttentionScores(Value query, Value keys, double scale, List<Mask> masks) {
    AttentionScores { masks = List.copyOf(masks); }

    /**
     * What changes scores.
     *
     * @param hidden what a score becomes where a bool mask says so
     */
    record Mask(Value value, Kind kind, double hidden) {
        private boolean isLike(Mask other) { return (kind == Kind.ADDED) == (other.kind == Kind.ADDED) && hidden == other.hidden; }
    }

    /** ADDED to the scores; bool: true of scores that count, or of those that do not. */
    enum Kind { ADDED, SEEN, HIDDEN }

    private static AttentionScores product(Value query, Value keys, double scale) { return new AttentionScores(query, keys, scale, List.of()); }

    private AttentionScores scaled(double factor) { return new AttentionScores(query, keys, scale * factor, masks); }

    /** With one more mask; null if it is not like those before it. */
    private AttentionScores masked(Mask by) {
        if (!masks.stream().allMatch(by::isLike)) return null;
        List<Mask> all = new ArrayList<>(masks);
        all.add(by);
        return new AttentionScores(query, keys, scale, all);
    }

    /** What a bool mask makes of scores. */
    double hidden() { return masks.isEmpty() ? Double.NEGATIVE_INFINITY : masks.getFirst().hidden; }

    /** Null if the value is none, or if somebody else reads it or what it is made of. */
    static AttentionScores of(Value v, Uses uses) {
        AttentionScores s = new Finder(uses, complete(v)).find(v);
        return s == null ? null : s.scaledQuery(uses);
    }

    /** The scale of a query that is scaled for this alone. */
    private AttentionScores scaledQuery(Uses uses) {
        Node n = uses.definition(query);
        if (n == null || uses.count(query) != 1 || !n.kind().equals("aten::mul") && !n.kind().equals("aten::div")) return this;
        TensorType to = complete(query), from = complete(n.input(0));
        double factor = factor(n, uses);
        if (Double.isNaN(factor) || to == null || from == null || from.dtype() != to.dtype() || !from.sizes().equals(to.sizes())) return this;
        return new AttentionScores(n.input(0), keys, scale * factor, masks);
    }

    static TensorType complete(Value v) { return v.type() instanceof TensorType t && t.isComplete() ? t : null; }

    /** What a product or quotient multiplies its first operand by; NaN if that is not known. */
    private static double factor(Node n, Uses uses) {
        if (n.inputs().size() != 2) return Double.NaN;
        double c = scalar(n.input(1), uses);
        return n.kind().equals("aten::mul") ? c : 1 / c;
    }

    /** A constant number, as such or as a tensor without dimensions; NaN if it is none. */
    private static double scalar(Value v, Uses uses) {
        Tensor t = Constants.tensor(v, uses);
        if (t != null) return t.dim() == 0 ? t.toDoubleArray()[0] : Double.NaN;
        return Constants.number(v, uses, Double.NaN);
    }

    /** @param type of the scores */
    private record Finder(Uses uses, TensorType type) {
        AttentionScores find(Value v) {
            Node n = uses.definition(v);
            TensorType t = complete(v);
            if (n == null || n.operator() == null || t == null || uses.count(v) != 1 || t.dtype() != type.dtype() || !t.sizes().equals(type.sizes())) return null;
            return switch (n.kind()) {
                case "aten::matmul", "aten::bmm" -> product(n.input(0), n.input(1), 1);
                case "aten::baddbmm" -> added(n);
                case "aten::mul", "aten::div" -> scaled(n);
                case "aten::add" -> sum(n);
                case "aten::masked_fill" -> filled(n.input(0), n.input(1), scalar(n.input(2), uses), Kind.HIDDEN);
                case "aten::where" -> n.inputs().size() != 3 ? null : filled(n.input(1), n.input(0), scalar(n.input(2), uses), Kind.SEEN);
                default -> null;
            };
        }

        private AttentionScores scaled(Node n) {
            double factor = factor(n, uses);
            AttentionScores s = Double.isNaN(factor) ? null : find(n.input(0));
            return s == null || !s.masks.isEmpty() ? null : s.scaled(factor);
        }

        /** beta is 1. */
        private AttentionScores added(Node n) {
            double alpha = Constants.number(n.input(4), uses, 1);
            if (Double.isNaN(alpha) || Constants.number(n.input(3), uses, 1) != 1 || !isMask(n.input(0), type.dtype())) return null;
            return product(n.input(1), n.input(2), alpha).masked(added(n.input(0)));
        }

        private AttentionScores sum(Node n) {
            if (n.inputs().size() != 3 || Constants.number(n.input(2), uses, 1) != 1) return null;
            for (int i = 0; i < 2; i++) {
                Value mask = n.input(1 - i);
                AttentionScores s = isMask(mask, type.dtype()) ? find(n.input(i)) : null;
                if (s != null) return s.masked(added(mask));
            }
            return null;
        }

        private AttentionScores filled(Value scores, Value mask, double value, Kind kind) {
            if (Double.isNaN(value) || !isMask(mask, ScalarType.BOOL)) return null;
            AttentionScores s = find(scores);
            return s == null ? null : s.masked(new Mask(mask, kind, value));
        }

        private static Mask added(Value mask) { return new Mask(mask, Kind.ADDED, Double.NEGATIVE_INFINITY); }

        private static boolean isMask(Value v, ScalarType type) {
            TensorType t = v.type() == SimpleType.NONE ? null : complete(v);
            return t != null && t.dtype() == type;
        }
    }
}
