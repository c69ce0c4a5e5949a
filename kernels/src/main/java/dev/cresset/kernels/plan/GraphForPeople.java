package dev.cresset.kernels.plan;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.rewrite.Rewriter;
import dev.cresset.kernels.op.MetaExecution;
import dev.cresset.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A graph to be looked at later: its constant tensors are replaced by descriptions, so that it keeps no weights alive. */
final class GraphForPeople {
    private GraphForPeople() {}

    static Graph of(Graph graph) { return Rewriter.rewrite(graph, (n, _) -> described(n)); }

    private static List<Node> described(Node n) {
        if (n.is(Kinds.CONSTANT) && n.attribute("value") instanceof Tensor t) return List.of(Node.constant(MetaExecution.tensor(t.type()), n.output(), n.location()));
        if (n.subgraph().isEmpty()) return null;
        Map<String, Object> attributes = new LinkedHashMap<>(n.attributes());
        attributes.put("Subgraph", of(n.subgraph().get()));
        return List.of(new Node(n.kind(), n.operator(), attributes, n.inputs(), n.outputs(), n.blocks(), n.location()));
    }
}
