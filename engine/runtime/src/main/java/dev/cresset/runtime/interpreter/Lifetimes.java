package dev.cresset.runtime.interpreter;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.schema.Argument;
import dev.cresset.ir.schema.FunctionSchema;
import dev.cresset.ir.type.ListType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where each value of a graph is read for the last time.
 *
 * <p>A value lives in the block that defines it and dies after the last node of that block that reads it, itself or in a
 * nested block. A <em>transient</em> list or tuple – made by a ListConstruct or TupleConstruct and only read by operators
 * that do not keep it – does not count as an owner of its elements; instead they live as long as it does.
 */
final class Lifetimes {
    private final Map<Node, List<Value>> deadAfter = new IdentityHashMap<>();
    private final Map<Block, List<Value>> deadAtStart = new IdentityHashMap<>();
    private final Map<Block, List<Value>> deadAtEnd = new IdentityHashMap<>();
    private final Map<Value, List<Node>> users = new IdentityHashMap<>();
    private final Set<Value> returned = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Map<Value, Node> producers = new IdentityHashMap<>();
    private final Set<Value> transients = Collections.newSetFromMap(new IdentityHashMap<>());

    private Lifetimes() {}

    static Lifetimes of(Graph graph) {
        Lifetimes l = new Lifetimes();
        l.collectUses(graph.body());
        l.findTransients(graph.body());
        l.analyse(graph.body(), true);
        return l;
    }

    /** Values that die after a node; for If and Loop after the whole of it. */
    List<Value> deadAfter(Node node) { return deadAfter.getOrDefault(node, List.of()); }

    /** Parameters of a block that nothing reads. */
    List<Value> deadAtStart(Block block) { return deadAtStart.getOrDefault(block, List.of()); }

    /** Values of a nested block that its returns read. */
    List<Value> deadAtEnd(Block block) { return deadAtEnd.getOrDefault(block, List.of()); }

    /** True for a list or tuple that is not an owner of its elements. */
    boolean isTransient(Value v) { return transients.contains(v); }

    /** True if {@code unpack} takes apart the list that {@code call} returns and nothing else reads it. */
    boolean unpacksDirectly(Node call, Node unpack) {
        return call.operator() != null && unpack.is(Kinds.LIST_UNPACK) && call.outputs().size() == 1
            && unpack.input(0) == call.output() && users.get(call.output()).size() == 1 && !returned.contains(call.output())
            && call.output().type() instanceof ListType;
    }

    private void collectUses(Block block) {
        for (Node node : block.nodes()) {
            for (Value v : node.inputs()) users.computeIfAbsent(v, _ -> new ArrayList<>(2)).add(node);
            for (Value v : node.outputs()) producers.put(v, node);
            node.blocks().forEach(this::collectUses);
        }
        returned.addAll(block.returns());
    }

    private void findTransients(Block block) {
        for (Node node : block.nodes()) {
            boolean constructs = node.is(Kinds.LIST_CONSTRUCT) || node.is(Kinds.TUPLE_CONSTRUCT);
            if (constructs && isOnlyRead(node.output())) transients.add(node.output());
            node.blocks().forEach(this::findTransients);
        }
    }

    private boolean isOnlyRead(Value v) {
        return !returned.contains(v) && users.getOrDefault(v, List.of()).stream().allMatch(n -> readsOnly(n, v));
    }

    /**
     * Whether a node only looks at a container: an operator that gives tensors and numbers, and writes nothing but tensors.
     * (Schemas do not say that the elements of an argument get into another list: {@code extend}, {@code add.t}, {@code slice.t}.)
     */
    private static boolean readsOnly(Node node, Value v) {
        if (node.operator() == null) return false;
        FunctionSchema schema = node.operator().schema();
        List<Argument> formal = schema.arguments();
        boolean mayPassOn = schema.returns().stream().anyMatch(r -> r.type().isMutable() && !r.type().isTensor())
            || formal.stream().anyMatch(a -> a.isWritten() && !a.type().isTensor());
        if (mayPassOn) return false;
        boolean aliases = schema.hasAliasedReturn();
        for (int i = 0; i < node.inputs().size(); i++) {
            if (node.input(i) == v && (aliases || i >= formal.size() || formal.get(i).alias() != null)) return false;
        }
        return true;
    }

    /** Values defined in this block, with the last of its nodes that reads each (null: read by the returns). */
    private void analyse(Block block, boolean top) {
        Map<Value, Node> last = new IdentityHashMap<>();
        List<Value> defined = new ArrayList<>(block.params());
        for (Node node : block.nodes()) {
            noteReads(node, node, last);
            defined.addAll(node.outputs());
        }
        Set<Value> atEnd = Collections.newSetFromMap(new IdentityHashMap<>());
        block.returns().forEach(v -> addWithElements(v, atEnd));
        for (Value v : defined) {
            if (atEnd.contains(v)) {
                if (!top) deadAtEnd.computeIfAbsent(block, _ -> new ArrayList<>()).add(v);
            } else if (last.containsKey(v)) {
                deadAfter.computeIfAbsent(last.get(v), _ -> new ArrayList<>(2)).add(v);
            } else if (producers.containsKey(v)) {
                deadAfter.computeIfAbsent(producers.get(v), _ -> new ArrayList<>(2)).add(v);
            } else {
                deadAtStart.computeIfAbsent(block, _ -> new ArrayList<>(2)).add(v);
            }
        }
        for (Node node : block.nodes()) node.blocks().forEach(b -> analyse(b, false));
    }

    private void noteReads(Node reader, Node within, Map<Value, Node> last) {
        Set<Value> read = Collections.newSetFromMap(new IdentityHashMap<>());
        reader.inputs().forEach(v -> addWithElements(v, read));
        read.forEach(v -> last.put(v, within));
        for (Block b : reader.blocks()) {
            Set<Value> returns = Collections.newSetFromMap(new IdentityHashMap<>());
            b.returns().forEach(v -> addWithElements(v, returns));
            returns.forEach(v -> last.put(v, within));
            for (Node n : b.nodes()) noteReads(n, within, last);
        }
    }

    private void addWithElements(Value v, Set<Value> into) {
        if (into.add(v) && transients.contains(v)) producers.get(v).inputs().forEach(e -> addWithElements(e, into));
    }
}
