package dev.cresset.kernels.cpu.onednn;

import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Compiled primitives by what they compute and with how many threads; the least recently used go when there are too
 * many.
 */
final class PrimitiveCache implements AutoCloseable {
    private final int capacity;
    private final Map<Object, DnnPrimitive> byKey = new ConcurrentHashMap<>();
    private final AtomicLong clock = new AtomicLong();

    PrimitiveCache(int capacity) { this.capacity = capacity; }

    int size() { return byKey.size(); }

    /** The primitive for this key, entered for the caller, who leaves it when done. */
    DnnPrimitive enter(Object key, Supplier<DnnPrimitive> build) {
        while (true) {
            DnnPrimitive found = byKey.get(key);
            if (found == null) found = add(key, build.get());
            if (found.enter()) {
                found.lastUse = clock.getPlain();
                return found;
            }
            byKey.remove(key, found);
        }
    }

    private DnnPrimitive add(Object key, DnnPrimitive built) {
        DnnPrimitive earlier = byKey.putIfAbsent(key, built);
        if (earlier != null) {
            built.retire();
            return earlier;
        }
        built.lastUse = clock.incrementAndGet();
        if (byKey.size() > capacity) evict();
        return built;
    }

    /** Drops an eighth at once, so that a stream of new shapes does not sort the cache on each of them. */
    private synchronized void evict() {
        if (byKey.size() <= capacity) return;
        record Use(Object key, DnnPrimitive primitive, long when) {}
        byKey.entrySet().stream().map(e -> new Use(e.getKey(), e.getValue(), e.getValue().lastUse))
                .sorted(Comparator.comparingLong(Use::when)).limit(Math.max(1, capacity / 8)).forEach(use -> {
                    if (byKey.remove(use.key, use.primitive)) use.primitive.retire();
                });
    }

    @Override public void close() {
        byKey.values().forEach(DnnPrimitive::retire);
        byKey.clear();
    }
}
