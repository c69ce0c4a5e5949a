package dev.cresset.kernels.plan.passes;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Pass;
import dev.cresset.ir.rewrite.PassContext;
import dev.cresset.ir.rewrite.Rewriter;
import dev.cresset.ir.rewrite.Uses;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.plan.Workshop;
import dev.cresset.kernels.plan.passes.FoldAffine.ChannelScale;
import java.util.Arrays;
import java.util.List;

/**
 * Batch normalisation with constant statistics becomes a product and a sum with constants, for fusion.
 *
 * <pre>{@code
 * %y = aten::batch_norm(%x, %γ, %β, %mean, %var, False, …)     →     %p = aten::mul(%x, %scale)
 *                                                                    %y = aten::add(%p, %shift, 1)
 * }</pre>
 *
 * The operator itself computes scale = γ / √(var + ε) and shift = β − mean · scale in double precision and then the same
 * product and sum, so this is exact but for the rounding of scale and shift to the element type. float32 only.
 */
public final class SplitBatchNorm implements Pass {
    private final Workshop workshop;

    public SplitBatchNorm(Workshop workshop) { this.workshop = workshop; }

    @Override public Graph run(Graph graph, PassContext context) {
        Uses uses = Uses.of(graph);
        return Rewriter.rewrite(graph, (n, _) -> n.kind().equals("aten::batch_norm") ? split(n, uses, context) : null);
    }

    private List<Node> split(Node n, Uses uses, PassContext context) {
        if (!(n.input(0).type() instanceof TensorType t) || !t.isComplete() || t.dtype() != ScalarType.FLOAT32 || t.sizes().size() < 2) return null;
        int channels = Math.toIntExact(t.sizes().get(1));
        ChannelScale s = ChannelScale.of(n, n.input(0), channels, 1, uses);
        if (s == null || !context.mayChange()) return null;
        long[] shape = new long[t.sizes().size() - 1];
        Arrays.fill(shape, 1);
        shape[0] = channels;
        Node scale = Constants.node(workshop.constant(t.dtype(), s.scale(), shape), n.location());
        Node shift = Constants.node(workshop.constant(t.dtype(), s.shift(), shape), n.location());
        Node one = Node.constant(1L, new Value(SimpleType.NUMBER), n.location());
        Value product = new Value(n.output().type());
        Node mul = Node.call(context.operator("aten::mul.Tensor"), List.of(n.input(0), scale.output()), List.of(product), n.location());
        Node add = Node.call(context.operator("aten::add.Tensor"), List.of(product, shift.output(), one.output()), n.outputs(), n.location());
        return List.of(scale, shift, one, mul, add);
    }
}
