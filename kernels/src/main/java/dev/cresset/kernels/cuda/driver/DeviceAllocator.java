package dev.cresset.kernels.cuda.driver;

import dev.cresset.tensor.SizeClasses;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Device memory in size classes, kept for reuse, so that a call in the steady state allocates nothing. A block that is given
 * back on a stream is at once reused on that stream, where order makes it safe; on another one when the work that the
 * first had then is done.
 *
 * <p>When memory runs out, what is kept is freed and the allocation tried once more; only then is it an error. May be
 * called from any thread.
 */
public final class DeviceAllocator implements AutoCloseable {
    private static final SizeClasses CLASSES = new SizeClasses(9);   // from 512 bytes on: vector accesses stay aligned

    /** A piece of device memory; it has an owner, who gives it back. */
    public static final class Block {
        private final MemorySegment memory;
        private final long bytes;
        private boolean taken;

        private Block(long address, long bytes) {
            memory = MemorySegment.ofAddress(address);
            this.bytes = bytes;
        }

        /** A segment of no length at its address, as memory of devices has it: always the same one. */
        public MemorySegment memory() { return memory; }

        public long address() { return memory.address(); }

        public long bytes() { return bytes; }
    }

    /**
     * What was done and what there is.
     *
     * @param liveBytes   taken and not given back, with {@code liveBlocks}
     * @param cachedBytes kept for reuse
     * @param peakBytes   the most that was ever taken from the device
     * @param allocations calls of the driver's allocation so far
     * @param retries     how often memory ran out and caches were freed
     */
    public record Statistics(long liveBytes, long liveBlocks, long cachedBytes, long peakBytes, long allocations, long retries) {}

    /** What a stream gave back before the event: it may be reused elsewhere once that is reached. */
    private record Batch(Event event, List<Block> blocks) {}

    /** The blocks that one stream gave back. */
    private static final class StreamCache {
        final Map<Integer, ArrayDeque<Block>> free = new HashMap<>();
    }

    private final DeviceContext context;
    private final long limit;
    private final boolean exact;
    private final BooleanSupplier reserve;
    /** All that there are, by {@link Block#memory}: so calls need no table of what they have taken. */
    private final Map<MemorySegment, Block> all = new IdentityHashMap<>();
    private final Map<Stream, StreamCache> caches = new HashMap<>();
    private final List<Batch> pending = new ArrayList<>();
    private final Map<Integer, ArrayDeque<Block>> anywhere = new HashMap<>();
    private long liveBytes;
    private long liveBlocks;
    private long cachedBytes;
    private long peakBytes;
    private long allocations;
    private long retries;

    /** An allocator without a limit of its own. */
    public DeviceAllocator(DeviceContext context) { this(context, Long.MAX_VALUE, false, () -> false); }

    /**
     * @param limit bytes that it may have from the device at once, kept ones included
     * @param exact true to ask the driver for each block, of exactly its size, and to keep none: slow, and what tools
     *              that check accesses need
     * @param reserve gives blocks back that it can do without, when there is no memory; true if there were some. It may
     *                not take any
     */
    public DeviceAllocator(DeviceContext context, long limit, boolean exact, BooleanSupplier reserve) {
        this.context = context;
        this.limit = limit;
        this.exact = exact;
        this.reserve = reserve;
    }

    /**
     * A block of at least so many bytes, its content undefined, for work of this stream.
     *
     * @throws OutOfDeviceMemoryException if there is not so much, also when all that was kept is freed
     */
    public Block take(long bytes, Stream stream) {
        if (bytes < 0) throw new IllegalArgumentException("a block of " + bytes + " bytes");
        Block block = taken(bytes, stream, false);
        // without the lock: what gives blocks back may wait for who takes one
        if (block == null && reserve.getAsBoolean()) block = taken(bytes, stream, true);
        if (block == null) throw outOfMemory(bytes);
        return block;
    }

    private synchronized Block taken(long bytes, Stream stream, boolean again) {
        int sizeClass = CLASSES.classOf(bytes);
        Block block = exact ? null : fromCaches(sizeClass, stream);
        if (block == null) block = allocated(exact ? Math.max(bytes, 1) : CLASSES.sizeOf(sizeClass), again);
        if (block == null) return null;
        block.taken = true;
        liveBytes += block.bytes;
        liveBlocks++;
        peakBytes = Math.max(peakBytes, liveBytes + cachedBytes);
        return block;
    }

    /** The block that this is the memory of. @throws IllegalStateException if there is none, or it is not taken */
    public synchronized Block taken(MemorySegment memory) {
        Block block = all.get(memory);
        if (block == null || !block.taken) throw new IllegalStateException("no block that is taken is at " + Long.toHexString(memory.address()));
        return block;
    }

    /** Takes back a block; work of the stream that was given to it so far may still use it. */
    public void giveBack(Block block, Stream stream) { giveBack(block.memory, stream); }

    /** As the other. @param memory the block's own */
    public synchronized void giveBack(MemorySegment memory, Stream stream) {
        Block block = taken(memory);
        block.taken = false;
        liveBytes -= block.bytes;
        liveBlocks--;
        if (context.isLost()) return;
        if (exact) {
            stream.synchronize();
            free(block);
            return;
        }
        cachedBytes += block.bytes;
        StreamCache cache = caches.computeIfAbsent(stream, _ -> new StreamCache());
        cache.free.computeIfAbsent(CLASSES.classOf(block.bytes), _ -> new ArrayDeque<>()).addLast(block);
    }

    /** Lets other streams have what this one gave back, once its work so far is done. To be called before it is closed. */
    public synchronized void release(Stream stream) {
        StreamCache cache = caches.remove(stream);
        if (cache == null) return;
        List<Block> blocks = new ArrayList<>();
        cache.free.values().forEach(blocks::addAll);
        if (!blocks.isEmpty() && !context.isLost()) pending.add(new Batch(Event.forOrder(context).record(stream), blocks));
    }

    /** Gives everything that is kept back to the device, after the work that used it is done. */
    public synchronized void trim() {
        for (Stream stream : List.copyOf(caches.keySet())) release(stream);
        for (Batch batch : pending) {
            if (!context.isLost()) batch.event.synchronize();
            accept(batch);
        }
        pending.clear();
        anywhere.values().forEach(list -> list.forEach(this::free));
        anywhere.clear();
        cachedBytes = 0;
    }

    public synchronized Statistics statistics() {
        return new Statistics(liveBytes, liveBlocks, cachedBytes, peakBytes, allocations, retries);
    }

    private Block fromCaches(int sizeClass, Stream stream) {
        StreamCache own = caches.get(stream);
        Block block = own == null ? null : poll(own.free, sizeClass);
        if (block == null) {
            collect();
            block = poll(anywhere, sizeClass);
        }
        if (block != null) cachedBytes -= block.bytes;
        return block;
    }

    private static Block poll(Map<Integer, ArrayDeque<Block>> free, int sizeClass) {
        ArrayDeque<Block> list = free.get(sizeClass);
        return list == null ? null : list.pollLast();
    }

    /** Looks which events have been reached since. */
    private void collect() {
        for (Iterator<Batch> i = pending.iterator(); i.hasNext();) {
            Batch batch = i.next();
            if (!batch.event.isReached()) continue;
            accept(batch);
            i.remove();
        }
    }

    private void accept(Batch batch) {
        batch.event.close();
        for (Block b : batch.blocks) anywhere.computeIfAbsent(CLASSES.classOf(b.bytes), _ -> new ArrayDeque<>()).addLast(b);
    }

    /** Null if there is no memory, also when what was kept is freed. @param again whether it is known that there was none */
    private Block allocated(long size, boolean again) {
        long address = again ? 0 : tryAllocate(size);
        if (address == 0 && (again || cachedBytes > 0)) {
            retries++;
            trim();
            address = tryAllocate(size);
        }
        if (address == 0) return null;
        Block made = new Block(address, size);
        all.put(made.memory, made);
        return made;
    }

    private void free(Block block) {
        all.remove(block.memory);
        DeviceMemory.free(context, block.address());
    }

    private synchronized OutOfDeviceMemoryException outOfMemory(long wanted) {
        return new OutOfDeviceMemoryException(wanted, "cuda:" + context.ordinal() + " has no memory for " + wanted + " bytes: "
            + liveBytes + " bytes are in use" + (limit < Long.MAX_VALUE ? " of " + limit + " allowed" : "") + ", "
            + context.freeBytes() + " of " + context.properties().totalBytes() + " are free on the device");
    }

    private long tryAllocate(long size) {
        if (size > limit - liveBytes - cachedBytes) return 0;
        allocations++;
        return DeviceMemory.allocate(context, size);
    }

    /** Frees what is kept. Blocks that were not given back stay; a test finds them by {@link #statistics}. */
    @Override public void close() { trim(); }
}
