package dev.cresset.runtime.interpreter;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.schema.Argument;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Finds out whether a graph may change objects that outlive it: it sets an attribute, writes in place to what an
 * attribute (or anything reached from one) refers to, or calls what is not known. May say yes too often, never no wrongly.
 */
final class StateChanges {
    private final Set<Value> fromAttributes = Collections.newSetFromMap(new IdentityHashMap<>());

    private StateChanges() {}

    static boolean in(Graph graph) {
        StateChanges s = new StateChanges();
        boolean changes = s.inBlock(graph.body());
        // loop-carried values may refer to attributes only from the second round on
        return changes || s.inBlock(graph.body());
    }

    private boolean inBlock(Block block) {
        for (Node node : block.nodes()) if (inNode(node)) return true;
        return false;
    }

    private boolean inNode(Node node) {
        switch (node.kind()) {
            case Kinds.SET_ATTR, Kinds.CALL_METHOD, Kinds.CALL_FUNCTION, Kinds.ENTER, Kinds.EXIT -> { return true; }
            case Kinds.FORK -> {
                if (in(node.subgraph().orElseThrow())) return true;
            }
            default -> { }
        }
        for (Block b : node.blocks()) if (inBlock(b)) return true;
        if (node.operator() != null && writesToAttribute(node)) return true;
        if (mayPassOn(node)) markOutputs(node);
        return false;
    }

    private boolean writesToAttribute(Node node) {
        List<Argument> formal = node.operator().schema().arguments();
        for (int i = 0; i < Math.min(formal.size(), node.inputs().size()); i++) {
            if (formal.get(i).isWritten() && fromAttributes.contains(node.input(i))) return true;
        }
        return false;
    }

    private boolean mayPassOn(Node node) {
        if (node.is(Kinds.GET_ATTR)) return true;
        boolean operatorOfFreshResult = node.operator() != null && !node.operator().schema().hasAliasedReturn();
        if (operatorOfFreshResult) return false;
        return node.inputs().stream().anyMatch(fromAttributes::contains)
            || node.blocks().stream().anyMatch(b -> b.returns().stream().anyMatch(fromAttributes::contains));
    }

    private void markOutputs(Node node) {
        fromAttributes.addAll(node.outputs().stream().filter(v -> v.type().isMutable()).toList());
        for (Block b : node.blocks()) if (node.is(Kinds.LOOP)) fromAttributes.addAll(b.params());
    }
}
