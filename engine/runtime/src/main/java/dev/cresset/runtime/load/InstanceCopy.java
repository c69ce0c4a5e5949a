package dev.cresset.runtime.load;

import dev.cresset.kernels.value.ScriptDict;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.util.IdentityHashMap;
import java.util.Map;

/** Copies a module for a new instance: own objects, lists and tensors of the same form; memory shared until written. */
public final class InstanceCopy {
    private final Map<Object, Object> copies = new IdentityHashMap<>();
    private final Map<Storage, Storage> storages = new IdentityHashMap<>();

    private InstanceCopy() {}

    public static ScriptObject of(ScriptObject module) { return (ScriptObject) new InstanceCopy().copy(module); }

    private Object copy(Object value) {
        Object known = value == null ? null : copies.get(value);
        if (known != null) return known;
        return switch (value) {
            case Tensor t -> remember(t, tensor(t));
            case ScriptList l -> {
                ScriptList out = remember(l, new ScriptList(l.elementType()));
                l.forEach(item -> out.add(copy(item)));
                yield out;
            }
            case ScriptTuple t -> remember(t, new ScriptTuple(t.fields(), t.stream().map(this::copy).toArray()));
            case ScriptDict d -> {
                ScriptDict out = remember(d, new ScriptDict(d.keyType(), d.valueType()));
                d.forEach((k, v) -> out.put(copy(k), copy(v)));
                yield out;
            }
            case ScriptObject o -> {
                ScriptObject out = remember(o, new ScriptObject(o.type()));
                for (int i = 0; i < o.slotCount(); i++) out.set(i, copy(o.get(i)));
                yield out;
            }
            case null, default -> value;
        };
    }

    private <T> T remember(Object original, T made) {
        copies.put(original, made);
        return made;
    }

    private Tensor tensor(Tensor t) {
        Tensor out = new Tensor(storages.computeIfAbsent(t.storage(), Storage::share), t.dtype(), t.offset(), t.sizes(), t.strides());
        out.setRequiresGrad(t.requiresGrad());
        return out;
    }
}
