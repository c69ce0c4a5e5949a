package dev.cresset.tensor;

import java.lang.foreign.MemorySegment;

/** Where storages get their memory and give it back to: the host's {@link MemoryPool}, or a device's memory. */
public interface BlockPool {
    /**
     * A block of at least this many bytes, its content undefined.
     *
     * @throws dev.cresset.ir.diag.CressetException if there is not that much memory
     */
    MemorySegment take(long bytes);

    /** Takes back a block that {@link #take} returned. Safe from any thread. */
    void giveBack(MemorySegment block);

    /** Notes that a block will not come back by {@link #giveBack}: it is to live as long as this owner is reachable. */
    void forget(MemorySegment block, Object owner);
}
