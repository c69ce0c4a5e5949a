package dev.cresset.tensor;

import dev.cresset.ir.diag.ScriptError;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * Host memory for tensors, handed out in size classes and taken back for reuse, so that a call in the steady state
 * allocates nothing. Blocks are 64-byte aligned. It is not the garbage collector that returns blocks, but one that a
 * careless caller loses is freed by it in the end.
 */
public final class MemoryPool implements BlockPool {
    private static final int ALIGNMENT = 64;
    private static final SizeClasses CLASSES = new SizeClasses(6);   // from 64 bytes on
    private static final long LARGEST_IN_SLAB = 64 << 10;
    private static final long SLAB_BYTES = 1 << 20;

    private final long cachedBytesLimit;
    private final long liveBytesLimit;
    @SuppressWarnings({"unchecked", "rawtypes"})
    private final ArrayDeque<MemorySegment>[] free = new ArrayDeque[CLASSES.count()];
    private MemorySegment slab = MemorySegment.NULL;
    private long slabUsed;
    private long cachedBytes;
    private long liveBytes;
    private long liveBlocks;

    /** @param cachedBytesLimit bytes of returned blocks kept for reuse; beyond that they are given up */
    public MemoryPool(long cachedBytesLimit) { this(cachedBytesLimit, Long.MAX_VALUE); }

    /** @param liveBytesLimit bytes that may be in use at once; more is refused before the machine runs out of memory */
    public MemoryPool(long cachedBytesLimit, long liveBytesLimit) {
        this.cachedBytesLimit = cachedBytesLimit;
        this.liveBytesLimit = liveBytesLimit;
        Arrays.setAll(free, _ -> new ArrayDeque<>());
    }

    /**
     * A block of at least this many bytes, its content undefined.
     *
     * @throws ScriptError if there is not that much memory
     */
    @Override public MemorySegment take(long bytes) {
        if (bytes < 0 || bytes > liveBytesLimit) throw outOfMemory(bytes);
        int sizeClass = CLASSES.classOf(bytes);
        long size = CLASSES.sizeOf(sizeClass);
        synchronized (this) {
            if (liveBytes + size > liveBytesLimit) throw outOfMemory(bytes);
            liveBytes += size;
            liveBlocks++;
            MemorySegment block = free[sizeClass].pollLast();
            if (block != null) {
                cachedBytes -= size;
                return block;
            }
            if (size <= LARGEST_IN_SLAB) return fromSlab(size);
        }
        try {
            return NativeBlocks.allocate(size, ALIGNMENT);
        } catch (OutOfMemoryError _) {
            synchronized (this) {
                liveBytes -= size;
                liveBlocks--;
            }
            throw outOfMemory(bytes);
        }
    }

    private ScriptError outOfMemory(long bytes) {
        return new ScriptError("OutOfMemoryError", "cannot allocate " + bytes + " bytes for a tensor: " + liveBytes()
            + " bytes are in use" + (liveBytesLimit < Long.MAX_VALUE ? " of " + liveBytesLimit + " allowed" : ""));
    }

    private MemorySegment fromSlab(long size) {
        if (slab.byteSize() - slabUsed < size) {
            slab = Arena.ofAuto().allocate(SLAB_BYTES, ALIGNMENT);
            slabUsed = 0;
        }
        MemorySegment block = slab.asSlice(slabUsed, size, ALIGNMENT);
        slabUsed += size + ALIGNMENT - 1 & -ALIGNMENT;   // small classes are no multiples of the alignment
        return block;
    }

    /** Takes back a block that {@link #take} returned. */
    @Override public synchronized void giveBack(MemorySegment block) {
        long size = block.byteSize();
        liveBytes -= size;
        liveBlocks--;
        if (cachedBytes + size > cachedBytesLimit && size > LARGEST_IN_SLAB) {
            NativeBlocks.free(block);
            return;
        }
        cachedBytes += size;
        free[CLASSES.classOf(size)].addLast(block);
    }

    /** Notes that a block will not come back; the garbage collector frees it. */
    @Override public synchronized void forget(MemorySegment block, Object owner) {
        liveBytes -= block.byteSize();
        liveBlocks--;
    }

    /** Drops all blocks kept for reuse. */
    public synchronized void trim() {
        for (ArrayDeque<MemorySegment> list : free) {
            for (MemorySegment block : list) if (block.byteSize() > LARGEST_IN_SLAB) NativeBlocks.free(block);
            list.clear();
        }
        slab = MemorySegment.NULL;
        slabUsed = 0;
        cachedBytes = 0;
    }

    /** Bytes taken and not yet given back. */
    public synchronized long liveBytes() { return liveBytes; }

    /** Blocks taken and not yet given back. */
    public synchronized long liveBlocks() { return liveBlocks; }

    /** Bytes kept for reuse. */
    public synchronized long cachedBytes() { return cachedBytes; }
}
