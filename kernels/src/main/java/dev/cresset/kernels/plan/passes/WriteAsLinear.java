package dev.cresset.kernels.plan.passes;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Location;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Pass;
import dev.cresset.ir.rewrite.PassContext;
import dev.cresset.ir.rewrite.Rewriter;
import dev.cresset.ir.rewrite.Uses;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.tensor.Content;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes products of few rows with a constant matrix as the operator that kernels can compute, which wants the matrix with its
 * columns one after the other. {@link FoldConstants} then lays it out.
 *
 * <pre>{@code
 * %y = aten::mm(%x, %W)               %t = aten::t(%W)
 * %z = aten::addmm(%b, %x, %W)   →    %w = aten::contiguous(%t, 0)
 *                                     %y = aten::linear(%x, %w, None)
 *                                     %z = aten::linear(%x, %w, %b)
 * }</pre>
 *
 * <p>The same sums, in another order. A matrix too large to be folded stays.
 */
public final class WriteAsLinear implements Pass {
    @Override public Graph run(Graph graph, PassContext context) {
        Uses uses = Uses.of(graph);
        Map<Content, Value> turned = new HashMap<>();
        return Rewriter.rewrite(graph, (n, _) -> replaced(n, uses, turned, context));
    }

    /** @param turned the matrices that have been laid out before, which all later nodes can read */
    private static List<Node> replaced(Node n, Uses uses, Map<Content, Value> turned, PassContext context) {
        int x = switch (n.kind()) {
            case "aten::mm", "aten::matmul" -> 0;
            case "aten::addmm" -> 1;
            default -> -1;
        };
        if (x < 0 || n.operator() == null || !SmallProducts.hasFewRows(n)) return null;
        Tensor w = Constants.tensor(n.input(x + 1), uses);
        if (w == null || w.dim() != 2 || !w.dtype().isFloating() || w.numel() * w.dtype().byteSize() > FoldConstants.LARGEST) return null;
        if (x == 1 && !isPlainSum(n, w, uses) || !context.mayChange()) return null;
        List<Node> out = new ArrayList<>();
        Value weight = turned.computeIfAbsent(Content.of(w), _ -> turned(w, n.location(), context, out));
        Node none = Node.constant(null, new Value(SimpleType.NONE), n.location());
        if (x == 0) out.add(none);
        List<Value> arguments = List.of(n.input(x), weight, x == 0 ? none.output() : n.input(0));
        out.add(Node.call(context.operator("aten::linear"), arguments, n.outputs(), n.location()));
        return out;
    }

    private static Value turned(Tensor w, Location location, PassContext context, List<Node> out) {
        Node matrix = Constants.node(w, location), format = Node.constant(0L, new Value(SimpleType.INT), location);
        long[] sizes = {w.size(1), w.size(0)};
        Value view = new Value(TensorType.of(w.dtype(), w.device(), sizes, new long[] {w.strides()[1], w.strides()[0]}, false));
        Value weight = new Value(TensorType.of(w.dtype(), w.device(), sizes, Shapes.contiguousStrides(sizes), false));
        out.addAll(List.of(matrix, format, Node.call(context.operator("aten::t"), List.of(matrix.output()), List.of(view), location),
            Node.call(context.operator("aten::contiguous"), List.of(view, format.output()), List.of(weight), location)));
        return weight;
    }

    /** A row is added, and that and the product as they are. */
    private static boolean isPlainSum(Node n, Tensor w, Uses uses) {
        boolean plain = Constants.number(n.input(3), uses, Double.NaN) == 1 && Constants.number(n.input(4), uses, Double.NaN) == 1;
        return plain && n.input(0).type() instanceof TensorType t && t.isComplete() && t.sizes().equals(List.of(w.size(1)));
    }
}
