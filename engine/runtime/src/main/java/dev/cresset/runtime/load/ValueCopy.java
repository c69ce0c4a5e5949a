package dev.cresset.runtime.load;

import dev.cresset.kernels.value.ScriptDict;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.tensor.Tensor;
import java.util.IdentityHashMap;
import java.util.Map;

/** Copies a value with all containers in it; what is one object before is one object after. */
public abstract class ValueCopy {
    private Map<Object, Object> copies = Map.of();

    /** What stands for a tensor; asked once for each. */
    protected abstract Tensor tensor(Tensor t);

    /** What stands for an object; asked once for each, and answered by {@link #attributes} or the object itself. */
    protected abstract Object object(ScriptObject o);

    public final Object copy(Object value) {
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
            case ScriptObject o -> remember(o, object(o));
            case null, default -> value;
        };
    }

    /** A new object of the same class with copies of all attributes. */
    protected final ScriptObject attributes(ScriptObject o) {
        ScriptObject out = remember(o, new ScriptObject(o.type()));
        for (int i = 0; i < o.slotCount(); i++) out.set(i, copy(o.get(i)));
        return out;
    }

    private <T> T remember(Object original, T made) {
        if (copies.isEmpty()) copies = new IdentityHashMap<>(4);
        copies.put(original, made);
        return made;
    }
}
