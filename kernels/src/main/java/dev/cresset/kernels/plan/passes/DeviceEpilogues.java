package dev.cresset.kernels.plan.passes;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Uses;
import dev.cresset.ir.type.TensorType;
import java.util.List;
import java.util.Map;

/** Which calls NVIDIA's libraries do together with what follows them, and what that may be: one rule for each kind of call. */
final class DeviceEpilogues {
    /** What may follow one kind of call. */
    interface Rule {
        /** Whether the library does this call. */
        default boolean takes(Node call) { return true; }

        /**
         * Whether a node may follow in a group.
         *
         * @param group the call and what follows it so far, in order; the node uses the last one's result
         */
        boolean mayFollow(List<Node> group, Node next, Uses uses);
    }

    private static final Rule PRODUCT = new ProductEpilogues();
    private static final Map<String, Rule> RULES = Map.of("aten::mm", PRODUCT, "aten::bmm", PRODUCT, "aten::matmul", PRODUCT, "aten::linear", PRODUCT,
        "aten::addmm", PRODUCT, "aten::baddbmm", PRODUCT);

    private DeviceEpilogues() {}

    /** The rule of a call; null if libraries do nothing together with it. */
    static Rule of(Node call) {
        Rule rule = call.operator() == null || call.outputs().size() != 1 ? null : RULES.get(call.kind());
        return rule != null && rule.takes(call) ? rule : null;
    }

    /** A plain sum of a group's result so far and another tensor of the same type and sizes. */
    static boolean isSum(Node n, Value chain, Uses uses) {
        if (!n.is("aten::add") || n.inputs().size() != 3) return false;
        if (!(KnownValues.in(uses).of(n.input(2)) instanceof Number factor) || factor.doubleValue() != 1) return false;
        Value other = n.input(0) == chain ? n.input(1) : n.input(0);
        return other != chain && sameKind(chain, other);
    }

    /** Tensors of known, equal sizes and element types. */
    static boolean sameKind(Value a, Value b) {
        return a.type() instanceof TensorType x && b.type() instanceof TensorType y && x.isComplete() && y.isComplete()
            && x.dtype() == y.dtype() && x.sizes().equals(y.sizes());
    }
}
