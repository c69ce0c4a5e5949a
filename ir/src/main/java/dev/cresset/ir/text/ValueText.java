package dev.cresset.ir.text;

import java.util.Optional;

/** How to print constants that ir has no class for, such as tensors; the modules that have these classes supply it. */
@FunctionalInterface
public interface ValueText {
    /** Prints nothing: such constants are then named by their type. */
    ValueText NONE = _ -> Optional.empty();

    /** The text of a value, on one line, or empty if this hook does not know it. */
    Optional<String> text(Object value);
}
