package dev.cresset.runtime.executor;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Which kinds of arguments have come, how often, and for which a plan has been asked; bounded. */
final class Arrivals {
    private static final int REMEMBERED = 256;

    private final Map<Long, Integer> counts = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override protected boolean removeEldestEntry(Map.Entry<Long, Integer> eldest) { return size() > REMEMBERED; }
    };
    private final Set<Long> requested = new HashSet<>();
    private int kinds;

    /** Counts an arrival and returns how often its kind has come. */
    synchronized int seen(long key) {
        int n = counts.merge(key, 1, Integer::sum);
        if (n == 1) kinds++;
        return n;
    }

    /** How many kinds have come; one that was forgotten counts again. */
    synchronized int kinds() { return kinds; }

    /** Notes that a plan is asked for; false if it has been asked for already and not been answered. */
    synchronized boolean request(long key) { return requested.add(key); }

    synchronized void answered(long key) { requested.remove(key); }
}
