package dev.cresset.runtime.call;

import dev.cresset.kernels.value.ScriptDict;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.runtime.load.Reachable;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes the caller's own copy of a result: fresh containers and fresh views, each view one owner of its storage. So
 * closing a result never takes memory from a module's state, nor the other way round.
 */
final class Export {
    private final Map<Object, Object> copies = new IdentityHashMap<>();
    private final IdentityHashMap<Storage, Integer> owners = new IdentityHashMap<>();
    private final List<Tensor> tensors = new ArrayList<>();

    /** The copy of a value. */
    Object export(Object value) {
        Object known = value == null ? null : copies.get(value);
        if (known != null) return known;
        return switch (value) {
            case Tensor t -> remember(t, tensor(t));
            case ScriptList l -> {
                ScriptList out = remember(l, new ScriptList(l.elementType()));
                l.forEach(item -> out.add(export(item)));
                yield out;
            }
            case ScriptTuple t -> remember(t, new ScriptTuple(t.fields(), t.stream().map(this::export).toArray()));
            case ScriptDict d -> {
                ScriptDict out = remember(d, new ScriptDict(d.keyType(), d.valueType()));
                d.forEach((k, v) -> out.put(export(k), export(v)));
                yield out;
            }
            case ScriptObject o -> {
                new Reachable(o).storages().forEach(Storage::detach);
                yield o;
            }
            case null, default -> value;
        };
    }

    private <T> T remember(Object original, T made) {
        copies.put(original, made);
        return made;
    }

    private Tensor tensor(Tensor t) {
        Tensor view = t.view(t.sizes(), t.strides());
        view.setRequiresGrad(t.requiresGrad());
        if (t.storage().isPooled()) {
            owners.merge(t.storage(), 1, Integer::sum);
            tensors.add(view);
        }
        return view;
    }

    /** Notes tensors that a call put into containers of its caller: they are the caller's now. */
    void keep(Tensor t) { if (t.storage().isScoped()) owners.merge(t.storage(), 1, Integer::sum); }

    /** How many owners each storage has outside the call. */
    IdentityHashMap<Storage, Integer> owners() { return owners; }

    /** The tensors that give memory back when closed. */
    List<Tensor> tensors() { return tensors; }
}
