package dev.cresset.ir.rewrite;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Location;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Rewrites a graph node by node, in order, replacing values as it goes. What does not change is not copied, so a graph
 * in which nothing changed comes back as the same instance.
 */
public final class Rewriter {
    /** One node's rewriting; the node's inputs have been replaced already, its blocks have not been visited. */
    @FunctionalInterface
    public interface NodeRewrite {
        /**
         * The nodes to put in place of {@code node}, or null to keep it and go on into its blocks. What is returned is
         * taken as it is; use {@link Rewriter#block} and {@link Rewriter#nodes} for the parts that are to be
         * rewritten too.
         */
        List<Node> rewrite(Node node, Rewriter rewriter);
    }

    private final NodeRewrite rewrite;
    private final Map<Value, Value> replacements = new IdentityHashMap<>();

    public Rewriter(NodeRewrite rewrite) { this.rewrite = rewrite; }

    /** The rewritten graph, or the same instance. */
    public static Graph rewrite(Graph graph, NodeRewrite rewrite) {
        return graph.withBody(new Rewriter(rewrite).block(graph.body()));
    }

    /** From now on every use of {@code old} becomes one of {@code now}. */
    public void replace(Value old, Value now) { if (old != now) replacements.put(old, now); }

    /** As {@link #replace(Value, Value)} for each pair. */
    public void replace(List<Value> old, List<Value> now) {
        if (old.size() != now.size()) throw new IllegalArgumentException("cannot replace " + old + " by " + now);
        for (int i = 0; i < old.size(); i++) replace(old.get(i), now.get(i));
    }

    /** What stands for a value now. */
    public Value get(Value v) {
        Value now = v;
        for (Value next = replacements.get(now); next != null; next = replacements.get(now)) now = next;
        return now;
    }

    /** What stands for these values now; the same list if none was replaced. */
    public List<Value> get(List<Value> values) {
        boolean changed = false;
        for (Value v : values) changed |= replacements.containsKey(v);
        return changed ? values.stream().map(this::get).toList() : values;
    }

    /** The rewritten block, or the same instance. */
    public Block block(Block block) {
        List<Node> nodes = nodes(block.nodes());
        List<Value> returns = get(block.returns());
        return nodes == block.nodes() && returns == block.returns() ? block : new Block(block.params(), nodes, returns);
    }

    /** The rewritten nodes, or the same list. */
    public List<Node> nodes(List<Node> nodes) {
        List<Node> out = new ArrayList<>(nodes.size());
        boolean changed = false;
        for (Node old : nodes) {
            Node node = withInputs(old);
            List<Node> now = rewrite.rewrite(node, this);
            if (now == null) {
                Node kept = withBlocks(node);
                changed |= kept != old;
                out.add(kept);
            } else {
                changed |= now.size() != 1 || now.getFirst() != old;
                out.addAll(now);
            }
        }
        return changed ? out : nodes;
    }

    private Node withInputs(Node node) {
        List<Value> inputs = get(node.inputs());
        return inputs == node.inputs() ? node : node.withInputs(inputs);
    }

    /** The node with its blocks rewritten, or the same instance. */
    public Node withBlocks(Node node) {
        if (node.blocks().isEmpty()) return node;
        List<Block> blocks = new ArrayList<>();
        boolean changed = false;
        for (Block b : node.blocks()) {
            Block now = block(b);
            changed |= now != b;
            blocks.add(now);
        }
        return changed ? node.withBlocks(blocks) : node;
    }

    /**
     * A copy of nodes with values of their own, so that the same nodes can stand in a graph twice.
     *
     * @param values what stands for values defined outside; gets the copies of those defined inside
     * @param call   the call the nodes are put in place of, or null
     */
    public static List<Node> copy(List<Node> nodes, Map<Value, Value> values, Location call) {
        List<Node> out = new ArrayList<>(nodes.size());
        for (Node n : nodes) {
            List<Value> inputs = mapped(n.inputs(), values);
            List<Block> blocks = n.blocks().stream().map(b -> copy(b, values, call)).toList();
            List<Value> outputs = fresh(n.outputs(), values);
            Location location = call == null ? n.location() : n.location().inlinedAt(call);
            out.add(new Node(n.kind(), n.operator(), n.attributes(), inputs, outputs, blocks, location));
        }
        return out;
    }

    private static Block copy(Block block, Map<Value, Value> values, Location call) {
        List<Value> params = fresh(block.params(), values);
        List<Node> nodes = copy(block.nodes(), values, call);
        return new Block(params, nodes, mapped(block.returns(), values));
    }

    private static List<Value> fresh(List<Value> values, Map<Value, Value> into) {
        List<Value> out = new ArrayList<>(values.size());
        for (Value v : values) {
            Value copy = new Value(v.type(), v.hint());
            into.put(v, copy);
            out.add(copy);
        }
        return out;
    }

    private static List<Value> mapped(List<Value> values, Map<Value, Value> map) {
        return values.stream().map(v -> map.getOrDefault(v, v)).toList();
    }
}
