package dev.cresset.runtime.executor;

import dev.cresset.runtime.specialize.Frozen;

/** Which frozen attributes a module instance is known to have, until something may have changed them. */
public final class InstanceChecks {
    private volatile Frozen last;

    /** True if the instance has been compared and nothing may have changed since. */
    boolean holds(Frozen frozen) { return last == frozen; }

    void checked(Frozen frozen) { last = frozen; }

    /** Something may have changed attributes of the instance. */
    public void forget() { last = null; }
}
