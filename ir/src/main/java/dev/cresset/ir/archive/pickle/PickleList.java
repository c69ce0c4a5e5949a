package dev.cresset.ir.archive.pickle;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** A list of a pickle; its identity matters, as programs can change it through every name that refers to it. */
public final class PickleList extends PickleNode {
    private final ArrayList<Object> items = new ArrayList<>(0);
    private String type;
    private Class<?> checkedClass;
    private int checkedCount;

    void add(Object item) { items.add(item); }

    void setType(String type) { this.type = type; }

    /** The first item that is not of this class, if any. Asking again costs only the items added since. */
    Optional<Object> otherThan(Class<?> itemClass) {
        if (checkedClass != itemClass) checkedCount = 0;
        checkedClass = itemClass;
        while (checkedCount < items.size()) {
            Object item = items.get(checkedCount);
            if (!itemClass.isInstance(item)) return Optional.of(item == null ? "None" : item);
            checkedCount++;
        }
        return Optional.empty();
    }

    /** The list's type as the archive says it, {@code List[int]}; archives of version 1 and 2 do not say it. */
    public Optional<String> type() { return Optional.ofNullable(type); }

    public int size() { return items.size(); }

    public Object get(int index) { return items.get(index); }

    public List<Object> items() { return Collections.unmodifiableList(items); }

    @Override int childCount() { return items.size(); }

    @Override Object child(int index) { return items.get(index); }
}
