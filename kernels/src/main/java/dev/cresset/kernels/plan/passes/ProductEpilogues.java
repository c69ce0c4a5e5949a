package dev.cresset.kernels.plan.passes;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Uses;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.cuda.driver.BlasLt.Activation;
import java.util.List;

/**
 * What cuBLASLt does together with a product, in this order: a bias, a tensor like the result added, relu or gelu with its
 * approximation by tanh.
 */
public final class ProductEpilogues implements DeviceEpilogues.Rule {
    /** True for the element types whose products cuBLASLt does more with. */
    public static boolean hasTypes(ScalarType t) { return t == ScalarType.FLOAT32 || t == ScalarType.FLOAT16 || t == ScalarType.BFLOAT16; }

    /** What is added to {@code chain} by this node; null if it is no sum. */
    public static Value summand(Node n, Value chain) { return !n.is("aten::add") ? null : n.input(0) == chain ? n.input(1) : n.input(0); }

    /** The activation that a node is, or null. */
    public static Activation activation(Node n, KnownValues constants) {
        return switch (n.kind()) {
            case "aten::relu" -> Activation.RELU;
            case "aten::gelu" -> "tanh".equals(constants.of(n.input(1))) ? Activation.GELU_TANH : null;
            default -> null;
        };
    }

    /** Few rows are for generated kernels. */
    @Override public boolean takes(Node call) {
        boolean few = call.is("aten::linear") && SmallProducts.hasFewRows(call);
        return !few && call.output().type() instanceof TensorType t && t.isComplete() && hasTypes(t.dtype());
    }

    @Override public boolean mayFollow(List<Node> group, Node next, Uses uses) {
        KnownValues constants = KnownValues.in(uses);
        Value chain = group.getLast().output();
        if (group.size() > 1 && activation(group.getLast(), constants) != null) return false;
        if (activation(next, constants) != null) return true;
        return group.size() == 1 && !addsTensor(group.getFirst(), uses) && DeviceEpilogues.isSum(next, chain, uses);
    }

    private static boolean addsTensor(Node call, Uses uses) {
        boolean adds = call.is("aten::addmm") || call.is("aten::baddbmm");
        // a row is its bias
        return adds && !(call.is("aten::addmm") && call.input(0).type() instanceof TensorType t && t.sizes() != null && t.sizes().size() == 1
            && Constants.is(call.input(0), uses) && Constants.number(call.input(4), uses, Double.NaN) == 1);
    }
}
