package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Location;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.passes.EliminateDeadCode;
import dev.cresset.ir.rewrite.Effects;
import dev.cresset.ir.rewrite.PassContext;
import dev.cresset.ir.rewrite.Rewriter;
import dev.cresset.ir.schema.OperatorTable;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.Type;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gathers runs of operator calls on tensors of known shapes into {@code prim::StaticSubgraph} nodes. Between them stays
 * what writes memory, has effects, or depends on what is not known; what only passes values on is moved before or behind a
 * run. A subgraph returns fresh tensors only: views that are needed outside are made outside.
 *
 * <pre>{@code
 * %a = aten::mm(%x, %w)
 * %b = aten::relu(%a)          →     %b = prim::StaticSubgraph_0(%x)
 * %n = aten::item(%b)                %n = aten::item(%b)
 * }</pre>
 */
public final class StaticRegions {
    private final Map<Value, Tensor> tensors;
    private final OperatorTable operators;
    private final Map<Value, Node> constants = new IdentityHashMap<>();
    private final Map<Value, Node> lists = new IdentityHashMap<>();

    private StaticRegions(Map<Value, Tensor> tensors, OperatorTable operators) {
        this.tensors = tensors;
        this.operators = operators;
    }

    /** @param tensors the mirrors of the graph's tensor values */
    public static Graph form(Graph graph, Map<Value, Tensor> tensors, OperatorTable operators) {
        return new Graph(new StaticRegions(tensors, operators).block(graph.body()));
    }

    private Block block(Block b) {
        List<Node> out = new ArrayList<>();
        Set<Value> needed = usedOutside(b);
        Run run = new Run();
        List<Node> nodes = b.nodes();
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            note(node);
            Node unpack = i + 1 < nodes.size() && unpacks(node, nodes.get(i + 1)) ? nodes.get(i + 1) : null;
            if (isStatic(node, unpack)) {
                if (run.comesAfter(node)) run = flush(run, out, nodes.subList(i, nodes.size()), needed);
                run.members.add(node);
                run.defined.addAll(node.outputs());
                if (unpack == null) continue;
                run.members.add(unpack);
                run.defined.addAll(unpack.outputs());
                i++;
            } else if (node.is(Kinds.LIST_CONSTRUCT) && isStaticInput(node.output()) && !run.comesAfter(node)) {
                run.add(node);
            } else if (isTransparent(node)) {
                run.pass(node);
            } else {
                run = flush(run, out, nodes.subList(i, nodes.size()), needed);
                out.add(node.blocks().isEmpty() ? node : node.withBlocks(node.blocks().stream().map(this::block).toList()));
            }
        }
        flush(run, out, List.of(), needed);
        return new Block(b.params(), out, b.returns());
    }

    /** A run of static nodes, and what stands between them and can be moved out of the way. */
    private static final class Run {
        final List<Node> before = new ArrayList<>(), members = new ArrayList<>(), after = new ArrayList<>();
        final List<Node> lists = new ArrayList<>();     // of what the run defines: copied into it, kept outside if needed there
        final Set<Value> defined = Collections.newSetFromMap(new IdentityHashMap<>());
        final Set<Value> late = Collections.newSetFromMap(new IdentityHashMap<>());     // lists of what the run defines
        final Set<Value> later = Collections.newSetFromMap(new IdentityHashMap<>());

        /** A list of static values. */
        void add(Node list) {
            boolean isLate = list.inputs().stream().anyMatch(v -> defined.contains(v) || late.contains(v));
            (isLate ? lists : before).add(list);
            if (isLate) late.add(list.output());
        }

        boolean comesAfter(Node n) { return n.inputs().stream().anyMatch(later::contains); }

        void pass(Node n) {
            boolean waits = comesAfter(n) || n.inputs().stream().anyMatch(v -> defined.contains(v) || late.contains(v));
            (waits ? after : before).add(n);
            if (waits) later.addAll(n.outputs());
        }
    }

    // ---- what belongs into a run

    private void note(Node n) {
        if (n.is(Kinds.CONSTANT)) constants.put(n.output(), n);
        if (n.is(Kinds.LIST_CONSTRUCT)) lists.put(n.output(), n);
    }

    private static boolean unpacks(Node call, Node next) {
        return next.is(Kinds.LIST_UNPACK) && call.operator() != null && call.outputs().size() == 1 && next.input(0) == call.output();
    }

    private boolean isStatic(Node n, Node unpack) {
        if (n.operator() == null || !n.operator().isImplemented() || n.operator().isNondeterministic()) return false;
        if (Effects.hasSideEffects(n) || writes(n) || n.outputs().isEmpty()) return false;
        List<Value> results = unpack == null ? n.outputs() : unpack.outputs();
        return results.stream().allMatch(v -> tensors.containsKey(v)) && n.inputs().stream().allMatch(this::isStaticInput);
    }

    /** A norm does not write its statistics when told not to train. */
    private boolean writes(Node n) {
        boolean norm = n.is("aten::batch_norm") || n.is("aten::instance_norm");
        if (norm && constants.containsKey(n.input(5))) {
            Object training = constants.get(n.input(5)).attribute("value");
            if (Boolean.FALSE.equals(training)) return false;
            if (n.is("aten::instance_norm") && constants.containsKey(n.input(3))
                && constants.get(n.input(3)).attribute("value") == null) return false;
        }
        return Effects.writes(n);
    }

    private boolean isStaticInput(Value v) {
        if (constants.containsKey(v)) return true;
        Node list = lists.get(v);
        if (list != null) return list.inputs().stream().allMatch(this::isStaticInput);
        return v.type() instanceof TensorType t && t.isComplete();
    }

    /** Something without effects that does not read what a write could change between here and there: there is no write. */
    private static boolean isTransparent(Node n) {
        return n.blocks().isEmpty() && Effects.isPure(n) && !Effects.isOpaque(n) && !n.is(Kinds.TYPE_CHECK)
            && (n.operator() == null || !n.operator().isNondeterministic());
    }

    // ---- closing a run

    private Set<Value> usedOutside(Block b) {
        Set<Value> used = Collections.newSetFromMap(new IdentityHashMap<>());
        used.addAll(b.returns());
        return used;
    }

    private Run flush(Run run, List<Node> out, List<Node> rest, Set<Value> returned) {
        Set<Value> used = Collections.newSetFromMap(new IdentityHashMap<>());
        used.addAll(returned);
        collect(run.before, used);
        collect(run.after, used);
        collect(rest, used);
        if (!computes(run.members)) collect(run.members, used);
        List<Node> lists = run.lists.stream().filter(n -> used.contains(n.output())).toList();
        collect(lists, used);
        out.addAll(run.before);
        if (computes(run.members)) {
            region(run, out, used);
            out.addAll(lists);
        } else {
            interleave(run.members, lists, out);
        }
        out.addAll(run.after);
        return new Run();
    }

    /** Nodes and the lists they use, each list before its first user. */
    private static void interleave(List<Node> members, List<Node> lists, List<Node> out) {
        List<Node> open = new ArrayList<>(lists);
        for (Node n : members) {
            for (Node list : List.copyOf(open)) {
                if (!n.inputs().contains(list.output())) continue;
                out.add(list);
                open.remove(list);
            }
            out.add(n);
        }
        out.addAll(open);
    }

    /** True if a run does more than make views. */
    private boolean computes(List<Node> members) {
        for (int i = 0; i < members.size(); i++) {
            Node n = members.get(i);
            Node source = n.is(Kinds.LIST_UNPACK) ? members.get(i - 1) : n;
            if (n.outputs().stream().anyMatch(v -> isFresh(v, source))) return true;
        }
        return false;
    }

    /** True if the node allocates the memory of its result. */
    private boolean isFresh(Value v, Node n) {
        Tensor t = tensors.get(v);
        return t != null && n.inputs().stream().noneMatch(in -> sharesWith(in, t.storage()));
    }

    private boolean sharesWith(Value in, Storage s) {
        Node list = lists.get(in);
        if (list != null) return list.inputs().stream().anyMatch(e -> sharesWith(e, s));
        Node constant = constants.get(in);
        if (constant != null) return constant.attribute("value") instanceof Tensor t && t.storage() == s;
        return tensors.containsKey(in) && tensors.get(in).storage() == s;
    }

    private void region(Run run, List<Node> out, Set<Value> used) {
        Map<Value, Node> producers = new IdentityHashMap<>();
        for (Node n : run.members) n.outputs().forEach(v -> producers.put(v, n));
        Outside outside = new Outside(producers);
        for (Node n : run.members) for (Value v : n.outputs()) if (used.contains(v) && tensors.containsKey(v)) outside.require(v);
        for (Node n : run.members) for (Value v : n.outputs()) if (used.contains(v) && !tensors.containsKey(v)) outside.views.add(n);
        if (!outside.results.isEmpty()) out.add(subgraph(run.members, List.copyOf(outside.results)));
        run.members.stream().filter(outside.views::contains).forEach(out::add);
    }

    private static void collect(List<Node> nodes, Set<Value> used) {
        for (Node n : nodes) {
            used.addAll(n.inputs());
            for (Block b : n.blocks()) {
                used.addAll(b.returns());
                collect(b.nodes(), used);
            }
        }
    }

    /** What must be known outside of a region: fresh results, and the views of these and of outer values. */
    private final class Outside {
        final Map<Value, Node> producers;
        final Set<Value> results = new LinkedHashSet<>();
        final Set<Node> views = Collections.newSetFromMap(new IdentityHashMap<>());

        Outside(Map<Value, Node> producers) { this.producers = producers; }

        void require(Value v) {
            Node n = producers.get(v);
            if (n == null || views.contains(n) || results.contains(v)) return;
            if (n.is(Kinds.LIST_UNPACK)) {
                Node call = producers.get(n.input(0));
                if (isFresh(v, call)) {
                    results.add(v);
                } else {
                    addView(call);
                    views.add(n);
                }
            } else if (isFresh(v, n)) {
                results.add(v);
            } else {
                addView(n);
            }
        }

        private void addView(Node n) {
            views.add(n);
            n.inputs().forEach(this::requireParts);
        }

        private void requireParts(Value v) {
            Node list = lists.get(v);
            if (list != null) list.inputs().forEach(this::requireParts);
            else require(v);
        }
    }

    private Node subgraph(List<Node> members, List<Value> results) {
        Map<Value, Value> inside = new IdentityHashMap<>();
        List<Value> inputs = new ArrayList<>(), params = new ArrayList<>();
        List<Node> nodes = new ArrayList<>();
        Set<Value> defined = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Node n : members) {
            for (Value v : n.inputs()) if (!defined.contains(v)) bring(v, defined, inside, nodes, inputs, params);
            nodes.addAll(Rewriter.copy(List.of(n), inside, null));
            defined.addAll(n.outputs());
        }
        Graph body = new Graph(new Block(params, nodes, results.stream().map(inside::get).toList()));
        Graph clean = new EliminateDeadCode().run(body, new PassContext(operators));
        return withUsedInputs(clean, inputs, results);
    }

    /** Makes an outer value known inside: a constant or list by a copy, a tensor as an input. */
    private void bring(Value v, Set<Value> defined, Map<Value, Value> inside, List<Node> nodes, List<Value> inputs, List<Value> params) {
        if (inside.containsKey(v) && !lists.containsKey(v)) return;
        Node list = lists.get(v);
        Node constant = constants.get(v);
        if (list != null) {
            for (Value e : list.inputs()) if (!defined.contains(e)) bring(e, defined, inside, nodes, inputs, params);
            if (!inside.containsKey(v)) nodes.addAll(Rewriter.copy(List.of(list), inside, null));
        } else if (constant != null) {
            nodes.addAll(Rewriter.copy(List.of(constant), inside, null));
        } else {
            Value param = new Value(v.type(), v.hint());
            inside.put(v, param);
            inputs.add(v);
            params.add(param);
        }
    }

    private static Node withUsedInputs(Graph body, List<Value> inputs, List<Value> results) {
        Set<Value> used = Collections.newSetFromMap(new IdentityHashMap<>());
        collect(body.nodes(), used);
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
