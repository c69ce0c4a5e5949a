package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.schema.Argument;
import dev.cresset.ir.schema.FunctionSchema;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Whose memory a value of a graph may be: which attributes and constants it may come from, through views, containers,
 * branches and loops. Finer than {@link dev.cresset.ir.rewrite.Sharing}, which takes everything from outside as one.
 */
final class Origins {
    private final Map<Value, Node> definitions = new IdentityHashMap<>();
    private final Map<Value, List<Value>> flows = new IdentityHashMap<>();     // into parameters and outputs of blocks, and into containers
    private final Value first;
    private final Set<Value> inputs = Collections.newSetFromMap(new IdentityHashMap<>());

    Origins(Graph graph) {
        inputs.addAll(graph.inputs());
        first = graph.inputs().isEmpty() ? null : graph.inputs().getFirst();
        collect(graph.body());
    }

    private void collect(Block block) {
        for (Node n : block.nodes()) {
            n.outputs().forEach(v -> definitions.put(v, n));
            n.blocks().forEach(this::collect);
            if (n.is(Kinds.IF)) n.blocks().forEach(b -> flow(b.returns(), n.outputs()));
            if (n.is(Kinds.LOOP)) loop(n);
            if (n.operator() != null) kept(n);
        }
    }

    private void loop(Node n) {
        Block body = n.block(0);
        List<Value> params = body.params().subList(1, body.params().size());
        flow(n.inputs().subList(2, n.inputs().size()), params);
        flow(body.returns().subList(1, body.returns().size()), params);
        flow(params, n.outputs());
    }

    private void flow(List<Value> from, List<Value> to) {
        for (int i = 0; i < Math.min(from.size(), to.size()); i++) flow(from.get(i), to.get(i));
    }

    private void flow(Value from, Value to) { flows.computeIfAbsent(to, _ -> new ArrayList<>()).add(from); }

    /** What an operator puts into a container is from then on part of it. */
    private void kept(Node n) {
        List<Argument> formal = n.operator().schema().arguments();
        for (int i = 0; i < Math.min(formal.size(), n.inputs().size()); i++) {
            if (!formal.get(i).isWritten() || n.input(i).type().isTensor()) continue;
            for (Value v : n.inputs()) if (v != n.input(i) && v.type().isMutable()) flow(v, n.input(i));
        }
    }

    /**
     * The {@code prim::GetAttr} and {@code prim::Constant} nodes that a value may come from; empty if that is not known.
     * What the caller passed and what the graph makes itself are not among them.
     */
    Optional<Set<Node>> of(Value v) {
        Set<Node> found = Collections.newSetFromMap(new IdentityHashMap<>());
        return trace(v, found, Collections.newSetFromMap(new IdentityHashMap<>())) ? Optional.of(found) : Optional.empty();
    }

    /** The names of attributes from the graph's first input to what a {@code prim::GetAttr} reads; empty if it reads from elsewhere. */
    Optional<List<String>> path(Node getAttribute) {
        List<String> names = new ArrayList<>();
        for (Node n = getAttribute; ; n = definitions.get(n.input(0))) {
            names.addFirst(n.text("name"));
            if (n.input(0) == first) return Optional.of(names);
            Node holder = definitions.get(n.input(0));
            if (holder == null || !holder.is(Kinds.GET_ATTR)) return Optional.empty();
        }
    }

    private boolean trace(Value v, Set<Node> found, Set<Value> seen) {
        if (!v.type().isMutable() || !seen.add(v)) return true;
        for (Value from : flows.getOrDefault(v, List.of())) if (!trace(from, found, seen)) return false;
        Node n = definitions.get(v);
        if (n == null) return inputs.contains(v) || flows.containsKey(v);
        if (n.operator() != null) return operator(v, n, found, seen);
        return switch (n.kind()) {
            case Kinds.GET_ATTR, Kinds.CONSTANT -> {
                found.add(n);
                yield true;
            }
            case Kinds.IF, Kinds.LOOP, Kinds.UNINITIALIZED, Kinds.CREATE_OBJECT -> true;
            case Kinds.LIST_CONSTRUCT, Kinds.TUPLE_CONSTRUCT, Kinds.DICT_CONSTRUCT, Kinds.LIST_UNPACK, Kinds.TUPLE_UNPACK,
                Kinds.TUPLE_INDEX, Kinds.TUPLE_SLICE, Kinds.UNCHECKED_CAST, Kinds.GUARD, Kinds.PROFILE -> all(n.inputs(), found, seen);
            default -> false;
        };
    }

    private boolean operator(Value v, Node n, Set<Node> found, Set<Value> seen) {
        FunctionSchema schema = n.operator().schema();
        int at = n.outputs().indexOf(v);
        boolean fresh = schema.returns().size() == n.outputs().size() && schema.returns().get(at).alias() == null
            && v.type().isTensor();
        return fresh || all(n.inputs(), found, seen);
    }

    private boolean all(List<Value> values, Set<Node> found, Set<Value> seen) {
        for (Value v : values) if (!trace(v, found, seen)) return false;
        return true;
    }
}
