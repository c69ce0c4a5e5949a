package dev.cresset.kernels.plan;

import dev.cresset.tensor.Storage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The memory of a frame on the host. */
final class HostBlock implements Frame.Block {
    private static final int ALIGNMENT = 64;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;

    HostBlock(long bytes) { memory = arena.allocate(Math.max(1, bytes), ALIGNMENT); }

    @Override public Storage part(long offset, long bytes) { return Storage.of(memory.asSlice(offset, bytes)); }

    @Override public void close() { arena.close(); }
}
