package dev.cresset.kernels.plan.passes;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Pass;
import dev.cresset.ir.rewrite.PassContext;
import dev.cresset.ir.rewrite.Uses;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.plan.Workshop;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Puts a constant scale and shift per output channel into the weights of the convolution or linear map before it: batch
 * normalisation in evaluation mode, and sums, differences, products and quotients with constants.
 *
 * <pre>{@code
 * %c = aten::conv2d(%x, %weight, %bias, …)
 * %b = aten::batch_norm(%c, %γ, %β, %mean, %var, False, …)     →     %b = aten::conv2d(%x, %weight', %bias', …)
 * }</pre>
 *
 * with s = γ / √(var + ε), weight' = weight · s and bias' = (bias − mean) · s + β for each output channel. The convolution's
 * result has no other use. Computed in double precision and rounded once; the result differs in the last bits, as s is
 * multiplied before the sum instead of after it. NaN and infinities in s make NaN in other places only where s is infinite.
 */
public final class FoldAffine implements Pass {
    private static final int ROUNDS = 8;

    private final Workshop workshop;

    public FoldAffine(Workshop workshop) { this.workshop = workshop; }

    @Override public Graph run(Graph graph, PassContext context) {
        Graph now = graph;
        for (int i = 0; i < ROUNDS; i++) {
            Graph next = once(now, context);
            if (next == now) break;
            now = next;
        }
        return now;
    }

    private Graph once(Graph graph, PassContext context) {
        Uses uses = Uses.of(graph);
        Map<Node, List<Node>> replacements = new IdentityHashMap<>();
        Set<Node> gone = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Node n : graph.nodes()) {
            AffineMap map = AffineMap.of(n, uses);
            if (map == null || gone.contains(n) || uses.count(n.output()) != 1) continue;
            Node next = uses.of(n.output()).getFirst().node();
            ChannelScale scale = next == null || gone.contains(next) || replacements.containsKey(next) ? null
                : ChannelScale.of(next, n.output(), map.channels(), map.channelDim(), uses);
            if (scale == null || replacements.containsKey(n) || !context.mayChange()) continue;
            replacements.put(next, map.scaled(scale, next, workshop));
            gone.add(n);
        }
        if (gone.isEmpty()) return graph;
        List<Node> out = new ArrayList<>();
        for (Node n : graph.nodes()) {
            if (replacements.containsKey(n)) out.addAll(replacements.get(n));
            else if (!gone.contains(n)) out.add(n);
        }
        return graph.withBody(new Block(graph.inputs(), out, graph.outputs()));
    }

    /** y = x · scale + shift for each channel. */
    record ChannelScale(double[] scale, double[] shift) {
        /** What a node does to {@code x}, if it is that; null otherwise. */
        static ChannelScale of(Node n, Value x, int channels, int channelDim, Uses uses) {
            if (!(x.type() instanceof TensorType t) || !(n.outputs().size() == 1 && n.output().type() instanceof TensorType o)) return null;
            if (!t.isComplete() || !o.isComplete() || t.dtype() != o.dtype() || !t.sizes().equals(o.sizes())) return null;
            int rank = t.sizes().size();
            return switch (n.kind()) {
                case "aten::batch_norm" -> n.input(0) == x && channelDim == (channelDim < 0 ? 1 - rank : 1) ? batchNorm(n, channels, uses) : null;
                case "aten::add", "aten::sub", "aten::mul", "aten::div" -> arithmetic(n, x, channels, channelDim < 0 ? channelDim + rank : channelDim, rank, uses);
                default -> null;
            };
        }

        private static ChannelScale batchNorm(Node n, int channels, Uses uses) {
            double[][] p = new double[4][];     // weight, bias, mean, variance
            for (int i = 0; i < 4; i++) {
                if (!Constants.is(n.input(i + 1), uses)) return null;
                Tensor t = Constants.tensor(n.input(i + 1), uses);
                if (t == null && i >= 2 || t != null && t.numel() != channels) return null;
                p[i] = t == null ? null : t.toDoubleArray();
            }
            if (Constants.number(n.input(5), uses, 1) != 0) return null;     // training
            double epsilon = Constants.number(n.input(7), uses, Double.NaN);
            double[] scale = new double[channels], shift = new double[channels];
            for (int c = 0; c < channels; c++) {
                scale[c] = (p[0] == null ? 1 : p[0][c]) / Math.sqrt(p[3][c] + epsilon);
                shift[c] = (p[1] == null ? 0 : p[1][c]) - p[2][c] * scale[c];
            }
            return Double.isNaN(epsilon) ? null : new ChannelScale(scale, shift);
        }

        private static ChannelScale arithmetic(Node n, Value x, int channels, int dim, int rank, Uses uses) {
            boolean first = n.input(0) == x;
            if (n.input(0) == n.input(1) || !first && n.kind().equals("aten::div")) return null;
            double[] v = perChannel(n.input(first ? 1 : 0), channels, dim, rank, uses);
            boolean sum = n.kind().equals("aten::add") || n.kind().equals("aten::sub");
            double alpha = sum ? Constants.number(n.input(2), uses, 1) : 1;
            if (v == null || Double.isNaN(alpha) || !sum && n.inputs().size() > 2) return null;
            double[] scale = new double[channels], shift = new double[channels];
            for (int c = 0; c < channels; c++) {
                double sign = n.kind().equals("aten::sub") ? -1 : 1;
                scale[c] = !sum ? n.kind().equals("aten::mul") ? v[c] : 1 / v[c] : first ? 1 : sign * alpha;
                shift[c] = !sum ? 0 : first ? sign * alpha * v[c] : v[c];
            }
            return new ChannelScale(scale, shift);
        }

        /** A constant that is the same for all elements of a channel; null if it is something else. */
        private static double[] perChannel(Value v, int channels, int dim, int rank, Uses uses) {
            if (!Constants.is(v, uses)) return null;
            Tensor t = Constants.tensor(v, uses);
            double[] out = new double[channels];
            if (t == null || t.numel() == 1) {
                java.util.Arrays.fill(out, t == null ? Constants.number(v, uses, Double.NaN) : t.toDoubleArray()[0]);
                return Double.isNaN(out[0]) ? null : out;
            }
            int at = dim - (rank - t.dim());
            return t.numel() == channels && at >= 0 && t.size(at) == channels ? t.toDoubleArray() : null;
        }
    }
}
