package dev.cresset.kernels.plan;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;

/** The values of the keys that were asked for last: at least {@code size / 2} of them, and at most {@code size}. Safe from any number of threads. */
final class RecentMap<K, V> {
    private final int half;
    private volatile Maps<K, V> maps = new Maps<>(new ConcurrentHashMap<>(), new ConcurrentHashMap<>());

    /** Two generations: what is not asked for while the younger one fills is forgotten. */
    private record Maps<K, V>(ConcurrentMap<K, V> young, ConcurrentMap<K, V> old) {}

    RecentMap(int size) { half = size / 2; }

    /** The value of a key, made if it is not there; of several that make it at once one is kept. */
    V get(K key, Supplier<V> make) {
        Maps<K, V> now = maps;
        V known = now.young.get(key);
        if (known != null) return known;
        V older = now.old.get(key);
        V made = older != null ? older : make.get();
        V raced = now.young.putIfAbsent(key, made);
        if (now.young.size() >= half) age(now);
        return raced != null ? raced : made;
    }

    private synchronized void age(Maps<K, V> full) { if (maps == full) maps = new Maps<>(new ConcurrentHashMap<>(), full.young); }

    int size() { return maps.young.size() + maps.old.size(); }
}
