package dev.cresset.ir.text;

import dev.cresset.ir.graph.ScriptFunction;
import dev.cresset.ir.type.ClassType;
import dev.cresset.ir.type.Type;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * What the names in a graph's text stand for.
 *
 * @param types     class, interface and enum types by qualified name; never gives null
 * @param functions functions by qualified name; null for one that is not known, which stays a name
 */
public record Names(Function<String, Type> types, Function<String, ScriptFunction> functions) {
    /** Knows nothing: every name is a class without attributes, the same class each time. */
    public static Names placeholders() {
        Map<String, Type> seen = new HashMap<>();
        return new Names(name -> seen.computeIfAbsent(name, n -> new ClassType(n, true)), _ -> null);
    }
}
