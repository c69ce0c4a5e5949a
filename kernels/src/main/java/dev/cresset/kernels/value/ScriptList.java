package dev.cresset.kernels.value;

import dev.cresset.ir.type.Type;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.RandomAccess;

/** A TorchScript list: mutable, shared by reference. Element values are run-time values; see Note [Run-time values]. */
public final class ScriptList extends AbstractList<Object> implements RandomAccess {
    // Note [Run-time values]. Values of a running program are plain Java objects: Tensor, Long (int, dtype, layout),
    // Double (float), Boolean, Complex, String, null (None), Device, ScriptList, ScriptDict, ScriptTuple, ScriptObject,
    // EnumMember, ScriptFuture, ScriptFunction, Generator.
    private final Type elementType;
    private final ArrayList<Object> items;

    public ScriptList(Type elementType) {
        this.elementType = elementType;
        this.items = new ArrayList<>();
    }

    /** A list with a copy of these items. */
    public ScriptList(Type elementType, Collection<?> items) {
        this.elementType = elementType;
        this.items = new ArrayList<>(items);
    }

    public static ScriptList ofLongs(long... values) {
        return new ScriptList(dev.cresset.ir.type.SimpleType.INT, Arrays.stream(values).boxed().toList());
    }

    public static ScriptList ofTensors(Collection<dev.cresset.tensor.Tensor> tensors) {
        return new ScriptList(dev.cresset.ir.type.TensorType.ANY, tensors);
    }

    public Type elementType() { return elementType; }

    @Override public Object get(int i) { return items.get(i); }

    @Override public Object set(int i, Object value) { return items.set(i, value); }

    @Override public void add(int i, Object value) { items.add(i, value); }

    @Override public Object remove(int i) { return items.remove(i); }

    @Override public int size() { return items.size(); }

    @Override public void clear() { items.clear(); }
}
