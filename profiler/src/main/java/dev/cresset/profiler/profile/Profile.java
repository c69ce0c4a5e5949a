package dev.cresset.profiler.profile;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Rewriter;
import dev.cresset.ir.type.OptionalType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.Type;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The profile of one graph: the graph with a {@code prim::profile} before the uses of tensors, and what these have
 * recorded.
 *
 * <pre>{@code
 * %y = aten::relu(%x)      →      %x.1 = prim::profile(%x)
 *                                 %y = aten::relu(%x.1)
 * }</pre>
 */
public final class Profile {
    private final Graph graph;
    private final Map<Value, TypeProfile> records = new IdentityHashMap<>();    // by the output of the profile node
    private final Map<Value, BranchProfile> branches = new IdentityHashMap<>(); // by the condition of an if, the count of a loop

    private Profile(Graph graph) {
        this.graph = instrumented(graph);
        collect(this.graph.body());
    }

    /** A new profile of a graph. */
    public static Profile of(Graph graph) { return new Profile(graph); }

    /** The graph with its {@code prim::profile} nodes, to be run. */
    public Graph graph() { return graph; }

    /** Where a profile node records. */
    public TypeProfile record(Node profile) { return records.get(profile.output()); }

    /** Where an if or loop records; by the node's first input. */
    public BranchProfile branch(Node node) { return branches.get(node.input(0)); }

    /** The conditions of ifs that were the same each time, and what they were. */
    public Map<Value, Boolean> oneSided() {
        Map<Value, Boolean> out = new IdentityHashMap<>();
        oneSided(graph.body(), out);
        return out;
    }

    private void oneSided(Block block, Map<Value, Boolean> out) {
        for (Node n : block.nodes()) {
            n.blocks().forEach(b -> oneSided(b, out));
            if (!n.is(Kinds.IF)) continue;
            BranchProfile p = branch(n);
            if (p.taken() > 0 != p.passed() > 0) out.put(n.input(0), p.taken() > 0);
        }
    }

    private void collect(Block block) {
        for (Node n : block.nodes()) {
            if (n.is(Kinds.PROFILE)) records.put(n.output(), new TypeProfile());
            if (n.is(Kinds.IF) || n.is(Kinds.LOOP)) branches.putIfAbsent(n.input(0), new BranchProfile());
            n.blocks().forEach(this::collect);
        }
    }

    /** The graph with the recorded types on its profile nodes. */
    public Graph profiled() {
        return Rewriter.rewrite(graph, (n, _) -> n.is(Kinds.PROFILE) ? List.of(annotated(n)) : null);
    }

    private Node annotated(Node n) {
        Map<String, Object> attributes = new LinkedHashMap<>();
        TypeProfile record = record(n);
        attributes.put("profiled_type", record.type());
        if (record.seenNone() > 0) attributes.put("seen_none", 1L);
        return new Node(n.kind(), null, attributes, n.inputs(), n.outputs(), List.of(), n.location());
    }

    /** The graph with guards in place of the profile nodes; where nothing definite was recorded there is none. */
    public Graph guarded() {
        return Rewriter.rewrite(graph, (n, rewriter) -> {
            if (!n.is(Kinds.PROFILE)) return null;
            TensorType type = record(n).type();
            if (type.dtype() == null) {
                rewriter.replace(n.output(), n.input(0));
                return List.of();
            }
            Value out = new Value(type, n.output().hint());
            rewriter.replace(n.output(), out);
            return List.of(Node.prim(Kinds.GUARD, n.inputs(), List.of(out), n.location()));
        });
    }

    // ---- instrumenting

    private static Graph instrumented(Graph graph) { return new Graph(block(graph.body(), new IdentityHashMap<>())); }

    /** Each tensor is recorded where a block first uses it, and uses what was recorded from then on. */
    private static Block block(Block block, Map<Value, Value> above) {
        Map<Value, Value> recorded = new IdentityHashMap<>(above);
        List<Node> nodes = new ArrayList<>();
        for (Node n : block.nodes()) {
            List<Value> inputs = n.inputs().stream().map(v -> recorded(v, n, recorded, nodes)).toList();
            List<Block> blocks = n.blocks().stream().map(b -> block(b, recorded)).toList();
            nodes.add(n.withInputs(inputs).withBlocks(blocks));
        }
        return new Block(block.params(), nodes, block.returns().stream().map(v -> recorded.getOrDefault(v, v)).toList());
    }

    private static Value recorded(Value v, Node user, Map<Value, Value> recorded, List<Node> nodes) {
        if (recorded.containsKey(v)) return recorded.get(v);
        if (!isTensor(v.type())) return v;
        Value out = new Value(v.type(), v.hint());
        nodes.add(Node.prim(Kinds.PROFILE, List.of(v), List.of(out), user.location()));
        recorded.put(v, out);
        return out;
    }

    private static boolean isTensor(Type t) { return t.isTensor() || t instanceof OptionalType o && o.element().isTensor(); }
}
