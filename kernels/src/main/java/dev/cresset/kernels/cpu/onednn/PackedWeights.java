package dev.cresset.kernels.cpu.onednn;

import java.lang.foreign.Arena;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Weights in the orders that kernels want, packed once per owner, address, version and order. Bounded by bytes, least
 * recently used first out; an entry's memory is freed when it is out and its last user has left. Owners are held
 * weakly, {@link #forget} drops one at once.
 */
final class PackedWeights implements AutoCloseable {
    private final long capacity;
    private final Map<Key, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
    private final ReferenceQueue<Object> collected = new ReferenceQueue<>();
    private long bytes;

    PackedWeights(long capacity) { this.capacity = capacity; }

    /** One packed copy; {@link #memory} may be read between enter and leave. */
    static final class Entry {
        private final long version;
        private final DnnLayout layout;
        private Arena arena;
        private DnnMemory memory;
        private int users = 1; // the cache itself

        private Entry(long version, DnnLayout layout) {
            this.version = version;
            this.layout = layout;
        }

        DnnMemory memory() { return memory; }

        synchronized void leave() {
            if (--users == 0 && arena != null) arena.close();
        }

        private synchronized void hold() { users++; }

        /** The first caller packs, the others wait for it. */
        private synchronized void pack(Consumer<DnnMemory> pack) {
            if (memory != null) return;
            Arena fresh = Arena.ofShared();
            try {
                DnnMemory target = DnnMemory.allocate(fresh, layout);
                pack.accept(target);
                arena = fresh;
                memory = target;
            } finally {
                if (memory == null) fresh.close();
            }
        }
    }

    private static final class Key extends WeakReference<Object> {
        private final long address; // one owner, a storage, may hold several weights
        private final DnnLayout from;
        private final DnnLayout to;
        private final int hash;

        Key(Weights weights, DnnLayout from, DnnLayout to, ReferenceQueue<Object> queue) {
            super(weights.owner(), queue);
            this.address = weights.segment().address();
            this.from = from;
            this.to = to;
            this.hash = (System.identityHashCode(weights.owner()) * 31 + Long.hashCode(address)) * 31
                    + from.hashCode() * 17 + to.hashCode();
        }

        @Override public int hashCode() { return hash; }

        @Override public boolean equals(Object other) {
            if (other == this) return true;
            return other instanceof Key k && hash == k.hash && address == k.address && get() != null
                    && k.refersTo(get())
                    && from.equals(k.from) && to.equals(k.to);
        }
    }

    /** The packed copy, made by {@code pack} if it is not there; the caller leaves it when done. */
    Entry enter(Weights weights, DnnLayout from, DnnLayout to, Consumer<DnnMemory> pack) {
        Entry entry;
        synchronized (this) {
            dropCollected();
            entry = entries.get(new Key(weights, from, to, null));
            if (entry == null || entry.version != weights.version()) {
                Key key = new Key(weights, from, to, collected);
                remove(key);
                entry = new Entry(weights.version(), to);
                entries.put(key, entry);
                bytes += to.byteSize();
                trim(entry);
            }
            entry.hold();
        }
        try {
            entry.pack(pack);
            return entry;
        } catch (RuntimeException | Error e) {
            entry.leave();
            throw e;
        }
    }

    synchronized void forget(Object owner) {
        for (Iterator<Map.Entry<Key, Entry>> i = entries.entrySet().iterator(); i.hasNext();) {
            Map.Entry<Key, Entry> e = i.next();
            if (e.getKey().refersTo(owner)) {
                i.remove();
                release(e.getValue());
            }
        }
    }

    synchronized long bytes() { return bytes; }

    private void trim(Entry keep) {
        for (Iterator<Entry> i = entries.values().iterator(); bytes > capacity && i.hasNext();) {
            Entry eldest = i.next();
            if (eldest == keep) return;
            i.remove();
            release(eldest);
        }
    }

    private void dropCollected() {
        for (Object key = collected.poll(); key != null; key = collected.poll()) remove((Key) key);
    }

    private void remove(Key key) {
        Entry entry = entries.remove(key);
        if (entry != null) release(entry);
    }

    private void release(Entry entry) {
        bytes -= entry.layout.byteSize();
        entry.leave();
    }

    @Override public synchronized void close() {
        entries.values().forEach(this::release);
        entries.clear();
    }
}
