package dev.cresset.ir.rewrite;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Where each value of a graph is used and by which node it is defined. Subgraphs are graphs of their own. */
public final class Uses {
    /**
     * One use of a value.
     *
     * @param node  the user, or the node whose block returns the value; null if the graph returns it
     * @param block the returning block, or null if the value is an input of {@code node}
     * @param index position among the inputs or returns
     */
    public record Use(Node node, Block block, int index) {}

    private final Map<Value, List<Use>> uses = new IdentityHashMap<>();
    private final Map<Value, Node> definitions = new IdentityHashMap<>();

    private Uses() {}

    public static Uses of(Graph graph) {
        Uses found = new Uses();
        found.visit(graph.body(), null);
        return found;
    }

    private void visit(Block block, Node owner) {
        for (Node n : block.nodes()) {
            for (int i = 0; i < n.inputs().size(); i++) add(n.input(i), new Use(n, null, i));
            for (Value v : n.outputs()) definitions.put(v, n);
            for (Block b : n.blocks()) visit(b, n);
        }
        for (int i = 0; i < block.returns().size(); i++) add(block.returns().get(i), new Use(owner, block, i));
    }

    private void add(Value v, Use use) { uses.computeIfAbsent(v, _ -> new ArrayList<>()).add(use); }

    /** All uses, in order of appearance. */
    public List<Use> of(Value v) { return uses.getOrDefault(v, List.of()); }

    public int count(Value v) { return of(v).size(); }

    public boolean isUsed(Value v) { return uses.containsKey(v); }

    /** The node that defines a value, or null for a parameter of a block. */
    public Node definition(Value v) { return definitions.get(v); }
}
