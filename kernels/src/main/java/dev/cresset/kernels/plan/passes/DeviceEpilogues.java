package dev.cresset.kernels.plan.passes;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Uses;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.TensorType;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which calls NVIDIA's libraries do together with what follows them, and what that may be: one rule for each kind of call. */
public final class DeviceEpilogues {
    /** Of convolutions that are done together with something. */
    public static final Set<ScalarType> CONVOLUTION_TYPES = Set.of(ScalarType.FLOAT32, ScalarType.FLOAT16, ScalarType.BFLOAT16);

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

    private static final Rule CONVOLUTION = DeviceEpilogues::followsConvolution;
    private static final Rule PRODUCT = new ProductEpilogues();
    private static final Map<String, Rule> RULES = Map.of("aten::conv1d", CONVOLUTION, "aten::conv2d", CONVOLUTION, "aten::conv3d", CONVOLUTION,
        "aten::mm", PRODUCT, "aten::bmm", PRODUCT, "aten::matmul", PRODUCT, "aten::linear", PRODUCT, "aten::addmm", PRODUCT, "aten::baddbmm", PRODUCT);

    private DeviceEpilogues() {}

    /** The rule of a call; null if libraries do nothing together with it. */
    static Rule of(Node call) {
        Rule rule = call.operator() == null || call.outputs().size() != 1 ? null : RULES.get(call.kind());
        return rule != null && rule.takes(call) ? rule : null;
    }

    /** cuDNN: the sum with one tensor of the result's sizes, then relu. */
    private static boolean followsConvolution(List<Node> group, Node next, Uses uses) {
        Value chain = group.getLast().output();
        if (group.getLast().is("aten::relu") || !sameKind(chain, next.output())) return false;
        if (!CONVOLUTION_TYPES.contains(((TensorType) chain.type()).dtype()) || !KnownValues.in(uses).has(group.getFirst().input(1))) return false;
        return next.is("aten::relu") || group.size() == 1 && isSum(next, chain, uses);
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
