package dev.cresset;

import dev.cresset.kernels.value.ScriptDict;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.tensor.Tensor;
import java.util.List;

/**
 * What a call returned: the caller's own copy of it. Closing it gives the memory of its tensors back; one that is
 * forgotten is freed by the garbage collector in the end.
 */
public final class Result implements AutoCloseable {
    private final Object value;
    private final List<Tensor> owned;

    /** @param owned the tensors to close with the result */
    public Result(Object value, List<Tensor> owned) {
        this.value = value;
        this.owned = List.copyOf(owned);
    }

    /**
     * The value: {@link Tensor}, Long, Double, Boolean, String, {@link dev.cresset.ir.type.Complex}, null for None,
     * {@link ScriptList} (a {@link List}), {@link ScriptTuple} (a {@link List}, with field names if it is a
     * NamedTuple),
     * {@link ScriptDict} (a {@link java.util.Map}), {@link dev.cresset.ir.type.EnumMember} or
     * {@link dev.cresset.kernels.value.ScriptObject}.
     */
    public Object value() { return value; }

    /** The value, if it is one tensor. @throws IllegalStateException saying what it is, if it is not */
    public Tensor tensor() {
        if (value instanceof Tensor t) return t;
        throw new IllegalStateException("the result is " + describe() + ", not a tensor; see value()");
    }

    /** Element i of a tuple or list result, as a tensor. */
    public Tensor tensor(int i) {
        if (value instanceof List<?> l && l.get(i) instanceof Tensor t) return t;
        throw new IllegalStateException("element " + i + " of the result is not a tensor; the result is " + describe());
    }

    private String describe() {
        return switch (value) {
            case null -> "None";
            case List<?> l -> "a list or tuple of " + l.size() + " elements";
            default -> "a " + value.getClass().getSimpleName();
        };
    }

    @Override public void close() { owned.forEach(Tensor::close); }
}
