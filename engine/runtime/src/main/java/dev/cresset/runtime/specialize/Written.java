package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Effects;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which attributes and constants a graph writes in place. Attributes are taken for constant until a write to them is met;
 * then the evaluation starts again without.
 */
final class Written {
    private final Origins origins;
    private final ScriptObject root;
    private final Set<List<Integer>> changing;
    private final Set<Node> changingConstants = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Map<List<Integer>, Set<Storage>> frozen = new HashMap<>();
    private final Set<Storage> writtenStorages = Collections.newSetFromMap(new IdentityHashMap<>());
    private boolean nothingIsFrozen;

    /**
     * @param root     the module as loaded, or null
     * @param changing places of attributes that are known to change
     */
    Written(Origins origins, ScriptObject root, Set<List<Integer>> changing) {
        this.origins = origins;
        this.root = root;
        this.changing = new HashSet<>(changing);
    }

    /** Begins a new evaluation, knowing what was learnt before. */
    void restart() { frozen.clear(); }

    /** True if an attribute may change, as far as is known. */
    boolean mayChange(List<Integer> path) {
        if (nothingIsFrozen || changing.contains(path)) return true;
        Object value = at(path);
        return value instanceof ScriptList && changing.stream().anyMatch(p -> at(p) == value) || storages(value).stream().anyMatch(writtenStorages::contains);
    }

    /** True if a constant tensor may change. */
    boolean mayChange(Node constant) {
        return nothingIsFrozen || changingConstants.contains(constant)
            || constant.attribute("value") instanceof Tensor t && writtenStorages.contains(t.storage());
    }

    /** Notes that an attribute is taken for constant. */
    void freeze(List<Integer> path, Object value) { frozen.put(path, storages(value)); }

    /** It is not constant after all. @param path null if it is not known which */
    void unfreeze(List<Integer> path) {
        if (path == null) nothingIsFrozen = true;
        else changing.add(path);
    }

    private Object at(List<Integer> path) { return Frozen.attribute(root, path); }

    private static Set<Storage> storages(Object value) {
        Set<Storage> out = Collections.newSetFromMap(new IdentityHashMap<>());
        if (value instanceof Tensor t) out.add(t.storage());
        if (value instanceof ScriptList l) for (Object e : l) if (e instanceof Tensor t) out.add(t.storage());
        return out;
    }

    /** Notes what a node of the original graph writes. @throws Restart.Unfrozen if that was taken for constant */
    void note(Node node) {
        if (node.operator() == null) return;
        for (Value v : Effects.ownWrites(node)) note(v);
    }

    private void note(Value v) {
        Optional<Set<Node>> sources = origins.of(v);
        if (sources.isEmpty()) {
            anything();
            return;
        }
        for (Node source : sources.get()) {
            if (source.is(Kinds.CONSTANT)) constant(source);
            else attribute(source);
        }
    }

    private void constant(Node node) {
        if (!changingConstants.add(node)) return;
        if (node.attribute("value") instanceof Tensor t) storage(t.storage());
        throw new Restart.Unfrozen(List.of(-1));
    }

    private void attribute(Node read) {
        Optional<List<String>> names = origins.path(read);
        if (names.isEmpty() || root == null) {
            anything();
            return;
        }
        List<Integer> path = slots(names.get());
        storages(at(path)).forEach(this::storage);
        if (frozen.containsKey(path)) throw new Restart.Unfrozen(path);
        changing.add(path);
    }

    private List<Integer> slots(List<String> names) {
        List<Integer> path = new ArrayList<>();
        Object at = root;
        for (String name : names) {
            ScriptObject o = (ScriptObject) at;
            path.add(o.type().slot(name));
            at = o.get(path.getLast());
        }
        return path;
    }

    private void storage(Storage s) {
        if (!writtenStorages.add(s)) return;
        frozen.forEach((path, storages) -> {
            if (storages.contains(s)) throw new Restart.Unfrozen(path);
        });
    }

    /** Something may write whatever there is. */
    void anything() {
        if (nothingIsFrozen) return;
        nothingIsFrozen = true;
        if (!frozen.isEmpty()) throw new Restart.Unfrozen(null);
    }
}
