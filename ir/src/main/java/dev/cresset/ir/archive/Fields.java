package dev.cresset.ir.archive;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The fields of a JSON object that a protocol buffer was written as: defaults are omitted, 64-bit integers are strings.
 */
record Fields(Map<?, ?> map) {
    private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,18}");

    /** @throws IllegalArgumentException with a sentence if the value is no object */
    static Fields of(Object value, String what) {
        if (value instanceof Map<?, ?> map) return new Fields(map);
        throw new IllegalArgumentException(what + " is missing or not a JSON object");
    }

    Object get(String name) { return map.get(name); }

    Optional<String> string(String name) { return get(name) instanceof String s ? Optional.of(s) : Optional.empty(); }

    /** The record that a reference names. */
    Optional<String> key(String name) {
        return get(name) instanceof Map<?, ?> reference ? new Fields(reference).string("key") : Optional.empty();
    }

    long integer(String name, long otherwise) {
        return get(name) == null ? otherwise : integer(get(name), name);
    }

    double real(String name) {
        return switch (get(name)) {
            case Double d -> d;
            case Long n -> n;
            case null, default -> 0;
        };
    }

    List<Fields> objects(String name) { return list(name).stream().map(o -> of(o, "an item of " + name)).toList(); }

    long[] integers(String name) { return list(name).stream().mapToLong(o -> integer(o, name)).toArray(); }

    private List<?> list(String name) {
        return switch (get(name)) {
            case null -> List.of();
            case List<?> list -> list;
            default -> throw new IllegalArgumentException("the field " + name + " is not a JSON array");
        };
    }

    private static long integer(Object value, String name) {
        if (value instanceof Long n) return n;
        if (value instanceof String s && INTEGER.matcher(s).matches()) return Long.parseLong(s);
        throw new IllegalArgumentException("the field " + name + " is not an integer");
    }
}
