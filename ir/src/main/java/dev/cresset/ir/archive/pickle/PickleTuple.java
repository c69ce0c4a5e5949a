package dev.cresset.ir.archive.pickle;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** A tuple of a pickle; named tuples are stored as plain tuples too. */
public final class PickleTuple extends PickleNode {
    private final Object[] items;

    public PickleTuple(Object... items) { this.items = items; }

    public int size() { return items.length; }

    /** The item, {@code null} for None. */
    public Object get(int index) { return items[index]; }

    public List<Object> items() { return Collections.unmodifiableList(Arrays.asList(items)); }

    @Override int childCount() { return items.length; }

    @Override Object child(int index) { return items[index]; }
}
