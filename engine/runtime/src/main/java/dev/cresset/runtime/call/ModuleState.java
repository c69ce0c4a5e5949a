package dev.cresset.runtime.call;

import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.runtime.load.Reachable;
import dev.cresset.tensor.Storage;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** The pooled memory that a module's attributes refer to. */
final class ModuleState {
    private Set<Storage> held = Collections.newSetFromMap(new IdentityHashMap<>());
    private Set<Storage> dropped = Set.of();

    /** Looks at the attributes after a call that may have changed them; newly held storages get one owner. */
    void update(ScriptObject module, Export export) {
        Set<Storage> now = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Storage s : new Reachable(module).storages()) if (s.isPooled()) now.add(s);
        for (Storage s : now) if (!held.contains(s)) export.keep(s);
        held.removeAll(now);
        dropped = held;
        held = now;
    }

    /** What the attributes refer to. */
    Set<Storage> storages() { return held; }

    /** Gives up what the attributes no longer refer to; after the call's scope has been closed. */
    void releaseDropped() {
        if (dropped.isEmpty()) return;
        dropped.forEach(Storage::release);
        dropped = Set.of();
    }

    /** Gives everything up. */
    void close() {
        held.forEach(Storage::release);
        held = Collections.newSetFromMap(new IdentityHashMap<>());
    }
}
