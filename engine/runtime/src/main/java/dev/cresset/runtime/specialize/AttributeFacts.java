package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.EnumMember;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.Type;
import dev.cresset.kernels.op.MetaExecution;
import dev.cresset.kernels.value.ScriptDict;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is known of attributes. One that nothing changes is taken for constant; of one that changes a tensor's type is
 * guarded, and what the graph sets is known until something else may set it.
 */
final class AttributeFacts {
    private final Facts facts;
    private final ScriptObject root;
    private final ScriptObject prototype;
    private final Set<String> set;
    private final Written written;
    private final GuardPlan guards;
    private final Frozen frozen = new Frozen();
    private Map<List<Integer>, Fact> stored = new HashMap<>();    // as this run has read or set them
    private boolean intact = true;               // nothing has set an attribute yet

    /**
     * @param root      the module instance whose attributes are read, or null
     * @param prototype the module as loaded: tensors taken for constant are its own
     * @param set       names of the attributes that the graph sets, see {@link #setBy}
     */
    AttributeFacts(Facts facts, ScriptObject root, ScriptObject prototype, Set<String> set, Written written, GuardPlan guards) {
        this.facts = facts;
        this.root = root;
        this.prototype = prototype;
        this.set = set;
        this.written = written;
        this.guards = guards;
    }

    /** The names of the attributes that a graph sets. */
    static Set<String> setBy(Graph graph) {
        Set<String> names = new HashSet<>();
        collect(graph.body(), names);
        return names;
    }

    private static void collect(Block block, Set<String> names) {
        for (Node n : block.nodes()) {
            if (n.is(Kinds.SET_ATTR)) names.add(n.text("name"));
            n.blocks().forEach(b -> collect(b, names));
        }
    }

    /** The attributes that were taken for constant. */
    Frozen frozen() { return frozen; }

    void get(Node node) {
        String name = node.text("name");
        Fact object = facts.of(node.input(0));
        if (object instanceof Fact.Tupled t && t.type().fields() != null) {
            facts.bind(node.output(), t.elements().get(t.type().fields().indexOf(name)));
        } else if (object instanceof Fact.Module m) {
            ofModule(node, m, name);
        } else {
            facts.keep(node, false);
        }
    }

    private void ofModule(Node node, Fact.Module m, String name) {
        int slot = m.mirror().type().slot(name);
        List<Integer> path = new ArrayList<>(m.path());
        path.add(slot);
        Fact now = stored.get(path);
        if (now != null) {
            facts.bind(node.output(), now);
            return;
        }
        Object value = m.mirror().get(slot);
        boolean isFrozen = !set.contains(name) && (value instanceof ScriptObject || !written.mayChange(path));
        Fact f = isFrozen ? frozen(node, path, value) : null;
        if (f != null) facts.bind(node.output(), f);
        else state(node, path, value);
    }

    /** The fact of an attribute that is taken for constant; null if values like this may change unseen. */
    private Fact frozen(Node node, List<Integer> path, Object value) {
        Fact f = switch (value) {
            case ScriptObject o -> o.type() == node.output().type() ? new Fact.Module(o, List.copyOf(path)) : null;
            case Tensor _, ScriptList _ -> frozenTensors(node, path, value);
            case ScriptDict _ -> null;
            case EnumMember _ -> new Fact.Known(value, node.output().type());
            case ScriptTuple t when t.stream().anyMatch(e -> e instanceof Tensor || e instanceof ScriptList) -> null;
            case null, default -> facts.wrap(value, node.output().type());
        };
        boolean noted = value instanceof Tensor || value instanceof ScriptList || f == null || f instanceof Fact.Module;
        if (!noted) frozen.read(root, List.copyOf(path), value);
        return f;
    }

    /**
     * Tensors of an instance are taken for constant if they are as they were loaded. It is the loaded ones that the graph then
     * holds: what an instance writes later must not be seen by others.
     */
    private Fact frozenTensors(Node node, List<Integer> path, Object value) {
        Object loaded = Frozen.attribute(prototype, path);
        if (!Frozen.same(loaded, value)) return null;
        Fact f = switch (loaded) {
            case Tensor t when t.storage().isConstant() -> facts.constant(t, node.output().hint());
            case ScriptList l -> frozenList(l, path, node.output().type());
            case null, default -> null;
        };
        if (f == null) return null;
        frozen.read(root, List.copyOf(path), loaded);
        written.freeze(List.copyOf(path), loaded);
        return f;
    }

    /** A list of constants that nobody changes; made anew where it is needed. */
    private Fact frozenList(ScriptList l, List<Integer> path, Type type) {
        boolean simple = l.stream().allMatch(e -> e instanceof Tensor t ? t.storage().isConstant() : facts.wrap(e, l.elementType()) instanceof Fact.Known);
        if (!simple || !(type instanceof ListType list)) return null;
        for (Object e : l) if (e instanceof Tensor t) facts.constant(t, "");
        Fact.Listed listed = new Fact.Listed(list, new ScriptList(l.elementType(), l));
        listed.frozen = List.copyOf(path);
        return listed;
    }

    /** An attribute that changes: read at run time; a tensor is guarded where the graph begins, if it still is what it was then. */
    private void state(Node node, List<Integer> path, Object value) {
        facts.keep(node, false);
        boolean guardable = value instanceof Tensor && node.output().type() instanceof TensorType && intact;
        if (!guardable) return;
        Pattern.OfTensor pattern = guards.state(root, List.copyOf(path), (Tensor) value);
        if (pattern == null) return;
        Value plain = ((Fact.Unknown) facts.of(node.output())).value();
        Tensor mirror = MetaExecution.tensor(pattern.type());
        Value typed = new Value(Facts.typeOf(mirror), node.output().hint());
        facts.emission.add(Node.prim(Kinds.UNCHECKED_CAST, List.of(plain), List.of(typed), node.location()));
        facts.bind(node.output(), facts.shaped(mirror, typed));
        stored.put(List.copyOf(path), facts.of(node.output()));
    }

    void set(Node node) {
        Fact object = facts.of(node.input(0));
        Fact value = facts.of(node.input(1));
        facts.expose(value);
        facts.keep(node, true);
        intact = false;
        if (object instanceof Fact.Module m) {
            List<Integer> path = new ArrayList<>(m.path());
            path.add(m.mirror().type().slot(node.text("name")));
            stored.put(List.copyOf(path), facts.of(node.input(1)));
        } else {
            forget();
        }
    }

    /** Something may have set any attribute. */
    void forget() {
        stored.clear();
        intact = false;
    }

    /** What is known of attributes at this point. */
    record State(Map<List<Integer>, Fact> stored, boolean intact) {}

    State state() { return new State(new HashMap<>(stored), intact); }

    /** Goes back to what was known before a block, of whose values nothing is visible any more. */
    void restore(State before, boolean mayHaveChanged) {
        stored = new HashMap<>(mayHaveChanged ? Map.of() : before.stored);
        intact = before.intact && !mayHaveChanged;
    }
}
