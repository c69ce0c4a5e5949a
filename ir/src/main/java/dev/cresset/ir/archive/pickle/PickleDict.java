package dev.cresset.ir.archive.pickle;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A dictionary of a pickle, as its list of assignments in order. Keys may be any value; a key that is assigned twice
 * occurs twice, and the later value counts.
 */
public final class PickleDict extends PickleNode {
    private final ArrayList<Object> keysAndValues = new ArrayList<>(0);
    private String type;

    /** Adds an assignment. Only readers of archives do that. */
    public void put(Object key, Object value) {
        keysAndValues.add(key);
        keysAndValues.add(value);
    }

    void setType(String type) { this.type = type; }

    /** The dictionary's type as the archive says it, {@code Dict[str, int]}. */
    public Optional<String> type() { return Optional.ofNullable(type); }

    public int size() { return keysAndValues.size() / 2; }

    public Object key(int index) { return keysAndValues.get(2 * index); }

    public Object value(int index) { return keysAndValues.get(2 * index + 1); }

    /** The entries whose keys are strings, in order; the form in which an object's attributes are stored. */
    public Map<String, Object> byName() {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < size(); i++) if (key(i) instanceof String name) map.put(name, value(i));
        return map;
    }

    @Override int childCount() { return keysAndValues.size(); }

    @Override Object child(int index) { return keysAndValues.get(index); }
}
