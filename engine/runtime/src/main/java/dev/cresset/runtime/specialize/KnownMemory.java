package dev.cresset.runtime.specialize;

import dev.cresset.tensor.Storage;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;

/** Which storages the evaluation has met, where they were allocated, and which others may know of. */
final class KnownMemory {
    private final Map<Storage, Integer> fresh = new IdentityHashMap<>();
    private final Set<Storage> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Storage> exposed = Collections.newSetFromMap(new IdentityHashMap<>());

    /** Notes that a tensor lies in it. */
    void see(Storage s) { seen.add(s); }

    /** Notes the storage of a result: fresh memory, unless a tensor is known to lie in it. @param depth of the block at hand */
    void allocated(Storage s, int depth) { if (!seen.contains(s)) fresh.putIfAbsent(s, depth); }

    /** Notes that something that is not followed may refer to it. */
    void expose(Storage s) { exposed.add(s); }

    /** True if all that refers to it is known, and it was allocated in a block of this depth. */
    boolean isPrivate(Storage s, int depth) { return fresh.getOrDefault(s, -1) == depth && !exposed.contains(s); }
}
