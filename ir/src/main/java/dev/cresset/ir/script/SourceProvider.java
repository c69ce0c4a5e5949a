package dev.cresset.ir.script;

import dev.cresset.ir.graph.Source;
import java.util.Optional;

/** Where the compiler finds code: an archive, a folder, a map. */
@FunctionalInterface
public interface SourceProvider {
    SourceProvider NONE = module -> Optional.empty();

    /**
     * The text of a module: for {@code __torch__.a.b} that of {@code code/__torch__/a/b.py}; empty if there is none.
     */
    Optional<Source> codeOf(String qualifiedModule);
}
