package dev.cresset.kernels.plan.passes;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Uses;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes one node of several, which become its subgraph; the last one's results are the group's. */
final class GroupNode {
    private final Uses uses;
    private final boolean tensorsInside;
    private final Map<Value, Value> inner = new LinkedHashMap<>();
    private final List<Node> body = new ArrayList<>();
    private final List<Value> params = new ArrayList<>(), given = new ArrayList<>();
    private final List<Node> nodes;

    private GroupNode(List<Node> nodes, Uses uses, boolean tensorsInside) {
        this.nodes = nodes;
        this.uses = uses;
        this.tensorsInside = tensorsInside;
    }

    /**
     * A group.
     *
     * @param attributes    besides the subgraph
     * @param tensorsInside whether constant tensors, too, become constants of the subgraph
     */
    static Node of(String kind, Map<String, Object> attributes, List<Node> nodes, Uses uses, boolean tensorsInside) {
        GroupNode g = new GroupNode(nodes, uses, tensorsInside);
        Map<String, Object> all = new LinkedHashMap<>(Map.of("Subgraph", g.graph()));
        all.putAll(attributes);
        return new Node(kind, null, all, g.given, nodes.getLast().outputs(), List.of(), nodes.getFirst().location());
    }

    /** The nodes as a graph of their own, with their constants. */
    static Graph alone(List<Node> nodes, Uses uses) { return new GroupNode(nodes, uses, true).graph(); }

    private Graph graph() {
        for (Node n : nodes) {
            for (Value v : n.inputs()) if (!inner.containsKey(v)) bring(v);
            Value result = new Value(n.output().type(), n.output().hint());
            body.add(n.withInputs(n.inputs().stream().map(inner::get).toList()).withOutputs(List.of(result)));
            inner.put(n.output(), result);
        }
        return new Graph(new Block(params, body, List.of(inner.get(nodes.getLast().output()))));
    }

    /** What is no tensor of the run becomes a constant inside, or a list made of such; tensors become parameters. */
    private void bring(Value v) {
        Node definition = uses.definition(v);
        Value own = new Value(v.type(), v.hint());
        if (definition != null && isInside(definition)) {
            for (Value i : definition.inputs()) if (!inner.containsKey(i)) bring(i);
            body.add(definition.withInputs(definition.inputs().stream().map(inner::get).toList()).withOutputs(List.of(own)));
        } else {
            params.add(own);
            given.add(v);
        }
        inner.put(v, own);
    }

    private boolean isInside(Node definition) {
        if (definition.is(Kinds.LIST_CONSTRUCT)) return true;
        return definition.is(Kinds.CONSTANT) && (tensorsInside || !(definition.attribute("value") instanceof Tensor));
    }
}
