package dev.cresset.kernels.value;

import dev.cresset.ir.type.Type;
import java.util.AbstractMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** A TorchScript dict: mutable, shared by reference, in insertion order (overwriting a key keeps its place). Tensor keys go by identity. */
public final class ScriptDict extends AbstractMap<Object, Object> {
    private final Type keyType;
    private final Type valueType;
    private final LinkedHashMap<Object, Object> items = new LinkedHashMap<>();

    public ScriptDict(Type keyType, Type valueType) {
        this.keyType = keyType;
        this.valueType = valueType;
    }

    public Type keyType() { return keyType; }

    public Type valueType() { return valueType; }

    @Override public Object put(Object key, Object value) { return items.put(key, value); }

    @Override public Object get(Object key) { return items.get(key); }

    @Override public boolean containsKey(Object key) { return items.containsKey(key); }

    @Override public Object remove(Object key) { return items.remove(key); }

    @Override public int size() { return items.size(); }

    @Override public void clear() { items.clear(); }

    @Override public Set<Map.Entry<Object, Object>> entrySet() { return items.entrySet(); }
}
