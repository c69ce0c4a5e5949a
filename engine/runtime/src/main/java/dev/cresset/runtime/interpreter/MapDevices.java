package dev.cresset.runtime.interpreter;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.rewrite.Rewriter;
import dev.cresset.ir.type.Device;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Lets devices that a program names in its constants be the one it runs on, as the map_location of torch.jit.load does for its
 * weights: they say where the program was written or traced. {@code Tensor.cpu()} and devices computed from strings stay.
 */
record MapDevices(Device device) implements UnaryOperator<Graph> {
    @Override public Graph apply(Graph graph) { return Rewriter.rewrite(graph, (n, _) -> map(n)); }

    private List<Node> map(Node n) {
        if (!n.is(Kinds.CONSTANT) || !(n.attribute("value") instanceof Device d)) return null;
        return (d.isCpu() || d.isCuda()) && !d.equals(device) ? List.of(Node.constant(device, n.output(), n.location())) : null;
    }
}
