package dev.cresset.ir.script.ast;

import dev.cresset.ir.graph.SourceRange;
import java.util.Optional;

/**
 * One parameter of a function.
 *
 * @param annotation its type, from the header or from a {@code # type:} comment
 */
public record Param(String name, Kind kind, Optional<Expr> annotation, Optional<Expr> defaultValue, SourceRange range) {
    /** How arguments reach a parameter. TorchScript compiles only functions with the first two kinds. */
    public enum Kind {
        POSITIONAL, KEYWORD_ONLY,
        /** {@code *args}. */
        ARGS,
        /** {@code **kwargs}. */
        KWARGS
    }
}
