package dev.cresset.kernels.value;

import dev.cresset.ir.type.TupleType;
import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;

/** A tuple or NamedTuple: immutable, though its elements may not be. */
public final class ScriptTuple extends AbstractList<Object> implements RandomAccess {
    private final Object[] items;
    private final List<String> fields;

    /** @param items not copied */
    public ScriptTuple(Object... items) { this(null, items); }

    /** @param fields names of a NamedTuple, or null */
    public ScriptTuple(List<String> fields, Object[] items) {
        this.fields = fields;
        this.items = items;
    }

    public static ScriptTuple of(TupleType type, Object[] items) { return new ScriptTuple(type.fields(), items); }

    /** Names of a NamedTuple's fields; null for a plain tuple. */
    public List<String> fields() { return fields; }

    /** The field of this name. @throws IllegalArgumentException if there is none */
    public Object get(String field) {
        int i = fields == null ? -1 : fields.indexOf(field);
        if (i < 0) throw new IllegalArgumentException("no field '" + field + "'; there are " + fields);
        return items[i];
    }

    @Override public Object get(int i) { return items[i]; }

    @Override public int size() { return items.length; }
}
