package dev.cresset.ir.archive.pickle;

import dev.cresset.ir.type.ScalarType;

/** Finds the storages that a pickle's tensors refer to. */
@FunctionalInterface
public interface Storages {
    /** For pickles that must not have tensors in them. */
    Storages NONE = (key, location, dtype, numel) -> {
        throw new IllegalArgumentException("there is a tensor where none is expected");
    };

    /**
     * The one storage object for this key.
     *
     * @param numel elements of this type that it must have at least
     * @throws IllegalArgumentException with a sentence if there is no such record, or if it is too short
     */
    StoredStorage find(String key, String location, ScalarType dtype, long numel);
}
