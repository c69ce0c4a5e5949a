package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Location;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.passes.EliminateDeadCode;
import dev.cresset.ir.rewrite.PassContext;
import dev.cresset.ir.rewrite.Rewriter;
import dev.cresset.ir.schema.OperatorTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes the node of a static subgraph from the nodes that go into it: with constants and lists of their own, and inputs. */
final class SubgraphBuilder {
    private final StaticNodes nodes;
    private final OperatorTable operators;

    SubgraphBuilder(StaticNodes nodes, OperatorTable operators) {
        this.nodes = nodes;
        this.operators = operators;
    }

    /**
     * The node in place of these.
     *
     * @param members operator calls, and what takes their results apart
     * @param results what they define that is used elsewhere
     */
    Node of(List<Node> members, List<Value> results) {
        Map<Value, Value> inside = new IdentityHashMap<>();
        List<Value> inputs = new ArrayList<>(), params = new ArrayList<>();
        List<Node> body = new ArrayList<>();
        Set<Value> defined = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Node n : members) {
            for (Value v : n.inputs()) if (!defined.contains(v)) bring(v, defined, inside, body, inputs, params);
            body.addAll(Rewriter.copy(List.of(n), inside, null));
            defined.addAll(n.outputs());
        }
        Graph graph = new Graph(new Block(params, body, results.stream().map(inside::get).toList()));
        Graph clean = new EliminateDeadCode().run(graph, new PassContext(operators));
        return withUsedInputs(clean, inputs, results);
    }

    /** Makes an outer value known inside: a constant or list by a copy, a tensor as an input. */
    private void bring(Value v, Set<Value> defined, Map<Value, Value> inside, List<Node> body, List<Value> inputs, List<Value> params) {
        if (inside.containsKey(v) && nodes.list(v) == null) return;
        Node list = nodes.list(v);
        Node constant = nodes.constant(v);
        if (list != null) {
            for (Value e : list.inputs()) if (!defined.contains(e)) bring(e, defined, inside, body, inputs, params);
            if (!inside.containsKey(v)) body.addAll(Rewriter.copy(List.of(list), inside, null));
        } else if (constant != null) {
            body.addAll(Rewriter.copy(List.of(constant), inside, null));
        } else {
            Value param = new Value(v.type(), v.hint());
            inside.put(v, param);
            inputs.add(v);
            params.add(param);
        }
    }

    private static Node withUsedInputs(Graph body, List<Value> inputs, List<Value> results) {
        Set<Value> used = Collections.newSetFromMap(new IdentityHashMap<>());
        StaticRegions.collect(body.nodes(), used);
        List<Value> kept = new ArrayList<>(), params = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            if (!used.contains(body.inputs().get(i))) continue;
            kept.add(inputs.get(i));
            params.add(body.inputs().get(i));
        }
        Graph narrowed = new Graph(new Block(params, body.nodes(), body.outputs()));
        return new Node(Kinds.STATIC_SUBGRAPH, null, Map.of("Subgraph", narrowed), kept, results, List.of(), Location.NONE);
    }
}
