package dev.cresset.kernels.plan.passes;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Uses;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.plan.Workshop;
import dev.cresset.kernels.plan.passes.FoldAffine.ChannelScale;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A convolution or linear map with constant weights: y = W x + b per output channel.
 *
 * @param bias       null for none
 * @param channelDim where the channels are in the result; negative counts from the end
 */
record AffineMap(Node node, Tensor weight, Tensor bias, boolean transposed, int groups, int channelDim) {
    /** The node as such a map; null if it is none. */
    static AffineMap of(Node n, Uses uses) {
        if (n.operator() == null || n.outputs().size() != 1 || n.inputs().size() < 3 || !(n.output().type() instanceof TensorType t)) return null;
        return switch (n.kind()) {
            case "aten::linear" -> of(n, false, 1, -1, uses);
            case "aten::conv1d", "aten::conv2d", "aten::conv3d" -> batched(t, n.kind().charAt(10) - '0') ? of(n, false, groups(n, 6, uses), 1, uses) : null;
            case "aten::conv_transpose1d", "aten::conv_transpose2d", "aten::conv_transpose3d" ->
                batched(t, n.kind().charAt(20) - '0') ? of(n, true, groups(n, 6, uses), 1, uses) : null;
            case "aten::_convolution", "aten::convolution" -> general(n, t, uses);
            default -> null;
        };
    }

    private static AffineMap general(Node n, TensorType t, Uses uses) {
        Tensor w = Constants.tensor(n.input(1), uses);
        double transposed = Constants.number(n.input(6), uses, Double.NaN);
        if (w == null || Double.isNaN(transposed) || !batched(t, w.dim() - 2)) return null;
        return of(n, transposed != 0, groups(n, 8, uses), 1, uses);
    }

    private static boolean batched(TensorType t, int spatial) { return t.sizes() != null && t.sizes().size() == spatial + 2; }

    private static int groups(Node n, int at, Uses uses) {
        double g = Constants.number(n.input(at), uses, Double.NaN);
        return g >= 1 ? (int) g : 0;
    }

    private static AffineMap of(Node n, boolean transposed, int groups, int channelDim, Uses uses) {
        Tensor w = Constants.tensor(n.input(1), uses);
        boolean known = w != null && w.dim() >= 2 && groups > 0 && isSingleOrDouble(w.dtype()) && Constants.is(n.input(2), uses);
        if (!known) return null;
        AffineMap map = new AffineMap(n, w, Constants.tensor(n.input(2), uses), transposed, groups, channelDim);
        return map.bias != null && (map.bias.dim() != 1 || map.bias.numel() != map.channels()) ? null : map;
    }

    /** Half precision would lose by rounding the scaled weights. */
    private static boolean isSingleOrDouble(ScalarType t) { return t == ScalarType.FLOAT32 || t == ScalarType.FLOAT64; }

    int channels() { return (int) (transposed ? weight.size(1) * groups : weight.size(0)); }

    /** The nodes that compute this and then the scale and shift, in place of the node that applied those. */
    List<Node> scaled(ChannelScale s, Node applied, Workshop workshop) {
        ScalarType type = weight.dtype();
        double[] w = weight.toDoubleArray();
        int inner = (int) (weight.numel() / weight.size(0) / (transposed ? weight.size(1) : 1));
        int perGroup = transposed ? (int) weight.size(1) : 0;
        for (int i = 0; i < w.length; i++) w[i] *= s.scale()[channel(i, inner, perGroup)];
        double[] b = bias == null ? new double[channels()] : bias.toDoubleArray();
        for (int c = 0; c < b.length; c++) b[c] = b[c] * s.scale()[c] + s.shift()[c];
        Node weights = Constants.node(workshop.constant(type, w, weight.sizes()), node.location());
        Node biases = Constants.node(workshop.constant(type, b, b.length), node.location());
        List<Value> inputs = new ArrayList<>(node.inputs());
        inputs.set(1, weights.output());
        inputs.set(2, biases.output());
        return List.of(weights, biases, node.withInputs(inputs).withOutputs(applied.outputs()));
    }

    /** The output channel of a weight, by its position in row-major order. */
    private int channel(int i, int inner, int perGroup) {
        if (!transposed) return i / inner;
        int in = i / inner / perGroup, group = in / (int) (weight.size(0) / groups);
        return group * perGroup + i / inner % perGroup;
    }
}
