package dev.cresset.runtime.specialize;

import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The attributes of a module that a specialised graph took for constant, with what they were. An instance of the
 * program fits if its attributes are the same: for tensors the same content in the same layout, for all else equal.
 */
public final class Frozen {
    /**
     * Where an attribute is.
     *
     * @param path slots from the main module to the attribute
     * @param name as people write it, {@code layer1.0.conv.weight}
     */
    public record Place(List<Integer> path, String name) {}

    /** A tensor as it was: same content, same layout. */
    private record TensorState(Tensor tensor, Object content) {
        boolean is(Object now) {
            return now == tensor && tensor.storage().content() == content || now instanceof Tensor t && t.storage().content() == content
                && t.dtype() == tensor.dtype() && t.offset() == tensor.offset() && Arrays.equals(t.sizes(), tensor.sizes())
                && Arrays.equals(t.strides(), tensor.strides());
        }
    }

    /** @param expected a {@link TensorState}, a List of them, or a value that is compared by equality */
    private record Entry(Place place, int[] path, Object expected) {}

    private final Map<List<Integer>, Entry> entries = new LinkedHashMap<>();
    private Entry[] all = {};

    /** Notes a read; the value is what the attribute holds now. */
    void read(ScriptObject root, List<Integer> path, Object value) {
        if (entries.containsKey(path)) return;
        int[] slots = path.stream().mapToInt(Integer::intValue).toArray();
        entries.put(path, new Entry(new Place(path, name(root, path)), slots, state(value)));
        all = entries.values().toArray(Entry[]::new);
    }

    static String name(ScriptObject root, List<Integer> path) {
        StringBuilder out = new StringBuilder();
        Object at = root;
        for (int slot : path) {
            ScriptObject o = (ScriptObject) at;
            out.append(out.isEmpty() ? "" : ".").append(o.type().attributes().get(slot).name());
            at = o.get(slot);
        }
        return out.toString();
    }

    /** The first attribute of this instance that is not what was taken for constant; empty if all are. */
    public Optional<Place> firstDifference(ScriptObject instance) {
        for (Entry e : all) if (!holds(e, instance)) return Optional.of(e.place);
        return Optional.empty();
    }

    private static Object state(Object value) {
        return switch (value) {
            case Tensor t -> new TensorState(t, t.storage().content());
            case ScriptList l -> l.stream().map(Frozen::state).toList();
            case null, default -> value;
        };
    }

    /** True if two values are the same: tensors by content and layout, all else by equality. */
    static boolean same(Object a, Object b) { return is(state(a), b); }

    private static boolean holds(Entry e, ScriptObject instance) {
        Object at = instance;
        for (int slot : e.path) {
            if (!(at instanceof ScriptObject o)) return false;
            at = o.get(slot);
        }
        return is(e.expected, at);
    }

    private static boolean is(Object expected, Object now) {
        return switch (expected) {
            case TensorState t -> t.is(now);
            case List<?> l when !(l instanceof dev.cresset.kernels.value.ScriptTuple) -> {
                if (!(now instanceof ScriptList items) || items.size() != l.size()) yield false;
                for (int i = 0; i < l.size(); i++) if (!is(l.get(i), items.get(i))) yield false;
                yield true;
            }
            case null, default -> Objects.equals(now, expected);
        };
    }

    /** The value at a path of slots. */
    public static Object attribute(ScriptObject root, List<Integer> path) {
        Object at = root;
        for (int slot : path) at = ((ScriptObject) at).get(slot);
        return at;
    }

    public int size() { return all.length; }
}
