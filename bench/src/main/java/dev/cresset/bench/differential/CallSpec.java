package dev.cresset.bench.differential;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One call of a random program.
 *
 * @param sizes     by name, as the program's author named them; the integer arguments among them
 * @param arguments one for each parameter: {@link Input}, Long, Double, Boolean or null
 * @param same      names of parameters that share their memory, empty if none do
 * @param odd       whether a shape or type is other than what the program's author reckoned with
 */
public record CallSpec(Map<String, Long> sizes, List<Object> arguments, List<String> same, boolean odd) {
    public CallSpec {
        sizes = Collections.unmodifiableMap(new LinkedHashMap<>(sizes));
        arguments = Collections.unmodifiableList(arguments);
    }
}
