package dev.cresset.kernels.simplify;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.ScalarType;
import java.util.Optional;
import java.util.Set;

/**
 * {@code clamp(clamp(x, a, b), c, d) -> clamp(x, a', b')} with {@code a' = clamp(a, c, d)}, {@code b' = clamp(b, c, d)}, for
 * all operators that limit; {@code relu(relu(x)) -> relu(x)}. Exact for {@code a <= b} and {@code c <= d}: limiting is
 * monotone and keeps what is within its limits; NaN stays NaN; zeros are ordered by sign here as in the operators. For floats
 * only, since the limits of an int tensor may decide its type.
 */
final class MergeClamps implements TensorRule {
    private static final String[] NAMES = {"aten::relu", "aten::relu6", "aten::hardtanh", "aten::clamp", "aten::clip", "aten::clamp_min",
        "aten::clamp_max"};

    private record Limits(double low, double high) {
        double limit(double v) { return Math.min(Math.max(v, low), high); }

        /** Of limiting by these first and then by others. */
        Limits then(Limits o) { return new Limits(o.limit(low), o.limit(high)); }
    }

    @Override public Optional<Value> replace(Node node, TensorFacts facts) {
        Limits outer = limits(node, facts);
        Node inner = outer == null ? null : facts.call(node.input(0), NAMES).orElse(null);
        Limits first = inner == null ? null : limits(inner, facts);
        if (first == null) return Optional.empty();
        Limits both = first.then(outer);
        if (both.equals(first)) return Optional.of(inner.output());
        return facts.make(node.location(), "aten::clamp", inner.input(0), bound(both.low), bound(both.high));
    }

    /** An infinite limit is none; it would make no difference but an operation. */
    private static Object bound(double v) { return Double.isInfinite(v) ? null : (Object) v; }

    private static Limits limits(Node n, TensorFacts facts) {
        boolean isLimit = Set.of(NAMES).contains(n.kind()) && TensorFacts.isFloating(n.input(0)) && TensorFacts.isFloating(n.output());
        if (!isLimit) return null;
        Limits found = switch (n.operator().schema().qualifiedName()) {
            case "aten::relu" -> new Limits(0, Double.POSITIVE_INFINITY);
            case "aten::relu6" -> new Limits(0, 6);
            case "aten::hardtanh", "aten::clamp", "aten::clip" -> between(n, 1, 2, facts);
            case "aten::clamp_min" -> between(n, 1, -1, facts);
            case "aten::clamp_max" -> between(n, -1, 1, facts);
            default -> null;
        };
        return found != null && found.low <= found.high ? found : null;
    }

    private static Limits between(Node n, int low, int high, TensorFacts facts) {
        Double from = bound(n, low, Double.NEGATIVE_INFINITY, facts);
        Double to = bound(n, high, Double.POSITIVE_INFINITY, facts);
        return from == null || to == null ? null : new Limits(from, to);
    }

    /** A limit in the precision of the tensor; null if it is not known. */
    private static Double bound(Node n, int i, double none, TensorFacts facts) {
        if (i < 0 || facts.isConstant(n.input(i)) && facts.constant(n.input(i)) == null) return none;
        boolean isDouble = TensorFacts.type(n.input(0)).dtype() == ScalarType.FLOAT64;
        return facts.number(n.input(i)).map(v -> isDouble ? v : (double) v.floatValue()).orElse(null);
    }
}
