package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Effects;
import dev.cresset.ir.rewrite.Pipeline;
import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.Type;
import dev.cresset.ir.schema.OperatorTable;
import dev.cresset.kernels.op.MetaExecution;
import dev.cresset.kernels.plan.Workshop;
import dev.cresset.kernels.plan.passes.PlanPasses;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Gathers operators of a graph whose sizes are not known into {@code prim::FusionGroup} and {@code prim::LibraryGroup} nodes, by
 * what one run is like: runs of nodes without effects get the types of that run, and what the passes {@link
 * PlanPasses#forAnySizes} make of them is put in their place. Types within a group are those of the run; they say nothing of
 * other runs.
 */
public final class SymbolicRegions {
    private final Samples samples;
    private final Pipeline passes;
    private final OperatorTable operators;
    private final Device device;    // null on the host
    private final Map<Value, Node> constants = new IdentityHashMap<>();

    private SymbolicRegions(Samples samples, Workshop workshop) {
        this.samples = samples;
        this.passes = PlanPasses.forAnySizes(workshop);
        this.operators = workshop.catalog();
        this.device = workshop.isOnDevice() ? workshop.device() : null;
    }

    /**
     * Forms groups.
     *
     * @param run   what the graph's inputs are in some run
     * @param root  the module that the graph's first input is then; null if none
     * @param workshop where operators on constants are run
     */
    public static Graph form(Graph graph, List<Pattern> run, ScriptObject root, MetaExecution meta, Workshop workshop) {
        return new Graph(new SymbolicRegions(Samples.of(graph, run, root, meta), workshop).block(graph.body()));
    }

    private Block block(Block b) {
        List<Node> out = new ArrayList<>(), run = new ArrayList<>();
        List<Node> nodes = b.nodes();
        for (int i = 0; i < nodes.size(); i++) {
            Node n = nodes.get(i);
            if (n.is(Kinds.CONSTANT)) constants.put(n.output(), n);
            if (isPlain(n)) {
                run.add(n);
                continue;
            }
            out.addAll(fused(run, usedBy(nodes.subList(i, nodes.size()), b.returns())));
            run = new ArrayList<>();
            out.add(n.blocks().isEmpty() ? n : n.withBlocks(n.blocks().stream().map(this::block).toList()));
        }
        out.addAll(fused(run, usedBy(List.of(), b.returns())));
        return new Block(b.params(), out, b.returns());
    }

    /** May change places with others of its kind, and is where the plan will run. */
    private boolean isPlain(Node n) { return n.blocks().isEmpty() && Effects.isPure(n) && !Effects.isNondeterministic(n) && isThere(n); }

    /** A device's kernels read no memory of the host, and write none. */
    private boolean isThere(Node n) {
        return device == null || Stream.concat(n.inputs().stream(), n.outputs().stream()).allMatch(v -> isThere(samples.of(v)));
    }

    private boolean isThere(Object sample) {
        return switch (sample) {
            case Tensor t -> t.device().equals(device);
            case List<?> l -> l.stream().allMatch(this::isThere);
            case null, default -> true;
        };
    }

    private static Set<Value> usedBy(List<Node> nodes, List<Value> returns) {
        Set<Value> used = Collections.newSetFromMap(new IdentityHashMap<>());
        used.addAll(returns);
        collect(nodes, used);
        return used;
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

    // ---- one run of nodes

    private List<Node> fused(List<Node> run, Set<Value> used) {
        if (run.isEmpty()) return run;
        Typed typed = new Typed(run, used);
        Graph fused = passes.run(typed.graph(), operators);
        if (fused == typed.graph() || !isSound(fused, typed)) return run;
        return fused.nodes().stream().filter(n -> !typed.isFromOutside(n)).map(n -> n.withInputs(typed.originals(n.inputs())).withOutputs(typed.originals(n.outputs()))).toList();
    }

    /**
     * Groups take tensors, and write each result to memory of its own, so none may share memory with what the group reads or
     * with another result.
     */
    private boolean isSound(Graph fused, Typed typed) {
        for (Node n : fused.nodes()) {
            if (!n.is(Kinds.FUSION_GROUP)) continue;
            if (!n.inputs().stream().allMatch(v -> v.type() instanceof TensorType)) return false;
            Set<Storage> taken = Collections.newSetFromMap(new IdentityHashMap<>());
            for (Value v : typed.originals(n.inputs())) if (samples.of(v) instanceof Tensor t) taken.add(t.storage());
            for (Value v : typed.originals(n.outputs())) if (samples.of(v) instanceof Tensor t && !taken.add(t.storage())) return false;
        }
        return true;
    }

    /** A run of nodes over values with the types that they have in the sample. */
    private final class Typed {
        private final Map<Value, Value> typed = new IdentityHashMap<>(), originals = new IdentityHashMap<>();
        private final Set<Value> outer = Collections.newSetFromMap(new IdentityHashMap<>());
        private final Graph graph;

        Typed(List<Node> run, Set<Value> used) {
            Set<Value> defined = new LinkedHashSet<>(), inputs = new LinkedHashSet<>();
            List<Node> nodes = new ArrayList<>();
            for (Node n : run) {
                for (Value v : n.inputs()) {
                    if (defined.contains(v) || inputs.contains(v)) continue;
                    if (constants.containsKey(v)) nodes.add(broughtIn(v, defined));
                    else inputs.add(v);
                }
                defined.addAll(n.outputs());
                for (Value v : n.outputs()) add(v, mayShare(n) && isFresh(n, v) ? v.type() : typeOf(v));
                for (Value v : n.inputs()) if (!typed.containsKey(v)) add(v, typeOf(v));
                nodes.add(n.withInputs(n.inputs().stream().map(typed::get).toList()).withOutputs(n.outputs().stream().map(typed::get).toList()));
            }
            List<Value> returned = defined.stream().filter(v -> used.contains(v) && !outer.contains(v)).map(typed::get).toList();
            graph = new Graph(new Block(inputs.stream().map(typed::get).toList(), nodes, returned));
        }

        /** A constant of before: groups have their own. */
        private Node broughtIn(Value v, Set<Value> defined) {
            add(v, typeOf(v));
            outer.add(v);
            defined.add(v);
            return constants.get(v).withOutputs(List.of(typed.get(v)));
        }

        boolean isFromOutside(Node n) { return n.is(Kinds.CONSTANT) && outer.contains(originals.get(n.output())); }

        private void add(Value v, Type type) {
            Value t = new Value(type, v.hint());
            typed.put(v, t);
            originals.put(t, v);
        }

        Graph graph() { return graph; }

        /** The values of the graph; what a pass has added gets one of its own, of which only the element type is known. */
        List<Value> originals(List<Value> values) {
            return values.stream().map(v -> originals.computeIfAbsent(v, added -> new Value(ofAnySizes(added.type()), added.hint()))).toList();
        }

        private Type ofAnySizes(Type type) {
            return type instanceof TensorType t ? new TensorType(t.dtype(), t.device(), null, null, null) : type;
        }
    }

    private Type typeOf(Value v) { return samples.of(v) instanceof Tensor t && v.type() instanceof TensorType ? Facts.typeOf(t) : v.type(); }

    /** A copy in the sample may be a view in another run, whose memory the program may go on to write. */
    private static boolean mayShare(Node n) { return n.operator() != null && n.operator().schema().hasAliasedReturn(); }

    private boolean isFresh(Node n, Value result) {
        return samples.of(result) instanceof Tensor t
            && n.inputs().stream().noneMatch(v -> samples.of(v) instanceof Tensor in && in.storage() == t.storage());
    }
}
