package dev.cresset.runtime.load;

import dev.cresset.ir.type.ClassType;
import dev.cresset.kernels.value.ScriptDict;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** All that can be reached from a value: each object once, without recursion. */
public final class Reachable {
    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Tensor> tensors = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Storage> storages = Collections.newSetFromMap(new IdentityHashMap<>());
    private final ArrayDeque<Object> open = new ArrayDeque<>();

    public Reachable(Object root) {
        push(root);
        while (!open.isEmpty()) visit(open.pop());
    }

    private void push(Object o) {
        boolean refers = o instanceof Tensor || o instanceof ScriptList || o instanceof ScriptDict || o instanceof ScriptTuple
            || o instanceof ScriptObject;
        if (refers && seen.add(o)) open.push(o);
    }

    private void visit(Object o) {
        switch (o) {
            case Tensor t -> {
                tensors.add(t);
                storages.add(t.storage());
            }
            case ScriptList l -> l.forEach(this::push);
            case ScriptTuple t -> t.forEach(this::push);
            case ScriptDict d -> d.forEach((k, v) -> {
                push(k);
                push(v);
            });
            case ScriptObject s -> {
                for (int i = 0; i < s.slotCount(); i++) push(s.get(i));
            }
            default -> throw new AssertionError(o);
        }
    }

    public Set<Tensor> tensors() { return tensors; }

    /** The classes of the objects, by name. */
    public List<ClassType> classes() {
        return seen.stream().filter(ScriptObject.class::isInstance).map(o -> ((ScriptObject) o).type()).distinct()
            .sorted(Comparator.comparing(ClassType::name)).toList();
    }

    /** The objects among it. */
    List<ScriptObject> objects() { return seen.stream().filter(ScriptObject.class::isInstance).map(ScriptObject.class::cast).toList(); }

    public Set<Storage> storages() { return storages; }
}
