package dev.cresset.kernels.cuda;

import dev.cresset.kernels.cuda.driver.DeviceAllocator.Block;
import dev.cresset.tensor.Content;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * Constants of programs in the orders that NVIDIA's libraries want, packed once for a device and shared by its streams. Bounded
 * by bytes, least recently used first out, and all that nobody holds goes before the device is out of memory; what goes is freed when
 * the work that reads it is done. Recorded work and plans keep what they were made with. Safe from any thread.
 */
public final class PackedConstants implements AutoCloseable {
    private final CudaDevice device;
    private final long capacity;
    private final Map<Key, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    PackedConstants(CudaDevice device, long capacity) {
        this.device = device;
        this.capacity = capacity;
    }

    /** @param order what the constants are packed for */
    private record Key(List<Content> constants, Object order) {}

    /** One packed copy, to be closed when the work that reads it has been given to the stream. */
    public final class Entry implements AutoCloseable {
        private final Key key;
        private final long size;
        private final Set<CudaStream> users = Collections.newSetFromMap(new IdentityHashMap<>());
        private CudaStream owner;
        private Block block;
        private volatile int holders = 1;       // the cache itself; changed under the entry's lock

        private Entry(Key key, long size) {
            this.key = key;
            this.size = size;
        }

        public long address() { return block.address(); }

        private synchronized void hold() { holders++; }

        /** Whether only the cache has it. Without the entry's lock: who packs has that, and may be the one who is short of memory. */
        private boolean isIdle() { return holders == 1; }

        /**
         * The first caller packs; what other streams are given comes after that.
         *
         * @param home the stream itself, or the one in whose order the memory of work is that it will record: nobody may come to
         *             wait for a stream that records. Such work holds the entry as long as it may be done.
         */
        private synchronized void makeReady(CudaStream stream, CudaStream home, LongConsumer pack) {
            if (block == null) {
                Block fresh = home.takeOwn(size, MemoryUse.PACKED);
                try {
                    stream.waitFor(home);
                    pack.accept(fresh.address());
                    home.waitFor(stream);
                } catch (RuntimeException | Error e) {
                    home.giveBackOwn(fresh, MemoryUse.PACKED);
                    throw e;
                }
                owner = home;
                block = fresh;
            }
            if (users.add(home)) home.waitFor(owner);
            stream.waitFor(home);
        }

        @Override public synchronized void close() {
            if (--holders > 0 || block == null) return;
            try {
                if (!device.isLost()) users.forEach(owner::waitFor);
            } finally {
                owner.giveBackOwn(block, MemoryUse.PACKED);
            }
        }
    }

    /**
     * Where constants lie in an order.
     *
     * @param order  has a value's equality
     * @param size   bytes of the packed copy
     * @param stream what reads it; packs it too, if it is the first to ask
     * @param pack   gives the stream the work that fills the memory at an address
     */
    public Entry enter(List<Tensor> constants, Object order, long size, CudaStream stream, LongConsumer pack) {
        Key key = new Key(constants.stream().map(Content::of).toList(), order);
        StandIn standIn = stream.standIn();
        for (Entry kept : standIn == null ? List.<Entry>of() : standIn.packed()) {
            if (!kept.key.equals(key)) continue;
            kept.hold();
            return kept;
        }
        Entry entry = entry(key, size);
        try {
            entry.makeReady(stream, standIn == null ? stream : standIn.owner(), pack);
        } catch (RuntimeException | Error e) {
            drop(entry);
            entry.close();
            throw e;
        }
        if (standIn != null) {
            entry.hold();
            standIn.keep(entry);
        }
        return entry;
    }

    private synchronized Entry entry(Key key, long size) {
        Entry entry = entries.get(key);
        if (entry == null) {
            entry = new Entry(key, size);
            entries.put(key, entry);
            bytes += size;
            trim(entry);
        }
        entry.hold();
        return entry;
    }

    private void trim(Entry keep) {
        for (Entry eldest : new ArrayList<>(entries.values())) {
            if (bytes <= capacity || eldest == keep) return;
            drop(eldest);
        }
    }

    private synchronized void drop(Entry entry) {
        if (!entries.remove(entry.key, entry)) return;
        bytes -= entry.size;
        entry.close();
    }

    /** Frees what no plan, recorded work or call holds, as the device is short of memory. Takes none. @return true if there was some */
    boolean freeIdle() {
        List<Entry> free;
        synchronized (this) {
            free = entries.values().stream().filter(Entry::isIdle).toList();
            free.forEach(this::drop);
        }
        return !free.isEmpty();
    }

    /** Drops what was packed from a content that nobody uses any more. */
    synchronized void forget(Object content) {
        for (Entry e : new ArrayList<>(entries.values())) {
            if (e.key.constants.stream().anyMatch(c -> c.storage() == content)) drop(e);
        }
    }

    /** Bytes of what is kept. */
    public synchronized long bytes() { return bytes; }

    /** All work must be done. */
    @Override public synchronized void close() { new ArrayList<>(entries.values()).forEach(this::drop); }
}
