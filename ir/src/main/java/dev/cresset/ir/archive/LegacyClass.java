package dev.cresset.ir.archive;

import dev.cresset.ir.graph.Source;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A class made up for a module of an archive before PyTorch 1.4, in which each module has its own methods.
 *
 * @param name       a qualified name, unique in the archive, {@code __torch__.model.layer._0}
 * @param code       the methods: bare {@code def}s whose first parameter is {@code self}; lines at the beginning may be
 *                   {@code op_version_set = 1} and {@code import} lines
 * @param attributes the type of each attribute by its name, as in annotations; submodules have the name of their class
 * @param parameters the attributes that are parameters
 * @param buffers    the attributes that are buffers
 * @param setState   what to call the method {@code __setstate__} with, once the attributes have their values
 */
public record LegacyClass(String name, Optional<Source> code, Map<String, String> attributes, Set<String> parameters,
        Set<String> buffers, Optional<SetState> setState) {
    /**
     * The stored result of {@code __getstate__}.
     *
     * @param value may be null, for None; methods without a second parameter do not get it
     */
    public record SetState(Object value) {}
}
