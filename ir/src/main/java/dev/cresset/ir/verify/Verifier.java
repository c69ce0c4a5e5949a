package dev.cresset.ir.verify;

import dev.cresset.ir.diag.VerifyException;
import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.text.GraphPrinter;
import dev.cresset.ir.text.ValueText;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Checks that a graph obeys the rules that passes and the interpreter rely on: every value is defined once and before
 * its uses, in its block or one around it, and every node has the inputs, outputs and blocks of its kind.
 */
public final class Verifier {
    private static final int LINES_AROUND = 5;

    private final Graph graph;
    private final Set<Value> defined = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Value> visible = Collections.newSetFromMap(new IdentityHashMap<>());

    private Verifier(Graph graph) { this.graph = graph; }

    /** Checks a graph and its subgraphs. @throws VerifyException if it breaks a rule, showing the nodes around */
    public static void verify(Graph graph) { new Verifier(graph).block(graph.body(), null); }

    private void block(Block block, Node owner) {
        for (Value v : block.params()) define(v, owner);
        for (Node n : block.nodes()) {
            for (Value v : n.inputs()) use(v, n);
            for (Block b : n.blocks()) block(b, n);
            n.subgraph().ifPresent(Verifier::verify);
            Optional<String> fault = KindRules.fault(n);
            if (fault.isPresent()) throw fault(n.kind() + ": " + fault.get(), n);
            for (Value v : n.outputs()) define(v, n);
        }
        for (Value v : block.returns()) use(v, owner);
        leave(block);
    }

    private void leave(Block block) {
        visible.removeAll(block.params());
        for (Node n : block.nodes()) n.outputs().forEach(visible::remove);
    }

    private void define(Value v, Node at) {
        if (!defined.add(v)) throw fault("the value " + v + " is defined twice", at);
        visible.add(v);
    }

    private void use(Value v, Node at) {
        if (visible.contains(v)) return;
        String why = defined.contains(v) ? "is used outside the block that defines it"
            : "is used before it is defined, or is defined nowhere";
        throw fault("the value " + v + " " + why, at);
    }

    private VerifyException fault(String what, Node at) {
        List<GraphPrinter.Line> lines = new GraphPrinter(true, ValueText.NONE).lines(graph);
        int found = lines.size() - 1; // without a node the fault is in what the graph returns
        for (int i = 0; i < lines.size(); i++) if (at != null && lines.get(i).node() == at) found = i;
        StringBuilder excerpt = new StringBuilder();
        for (int i = Math.max(0, found - LINES_AROUND); i <= Math.min(lines.size() - 1, found + LINES_AROUND); i++) {
            excerpt.append(i == found ? "> " : "  ").append(lines.get(i).text()).append('\n');
        }
        return new VerifyException(what, excerpt.toString());
    }
}
