package dev.cresset.ir.text;

import dev.cresset.ir.graph.Value;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Gives values their printed names, in order of appearance: {@code %x.1}, {@code %x.2} with a hint, else {@code
 * %7}.
 */
final class ValueNames {
    private final Map<Value, String> names = new IdentityHashMap<>();
    private final Map<String, Integer> used = new HashMap<>();

    String of(Value v) {
        String known = names.get(v);
        if (known != null) return known;
        String base = base(v.hint());
        String name = base.isEmpty() ? "%" + names.size() : "%" + base + "." + used.merge(base, 1, Integer::sum);
        names.put(v, name);
        return name;
    }

    /** The hint of a printed name: without the number that made it unique; empty for a number alone. */
    static String base(String name) {
        String base = name.replaceFirst("(\\.\\d+)+$", "").replaceAll("[^A-Za-z0-9_]", "_");
        if (base.isEmpty() || base.chars().allMatch(Character::isDigit)) return "";
        return Character.isDigit(base.charAt(0)) ? "_" + base : base;
    }
}
