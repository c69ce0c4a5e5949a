package dev.cresset.runtime.executor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The guard failures of a function, as sentences, with how often each happened; the most recent kinds. */
final class GuardFailures {
    private static final int KINDS = 64;

    private final Map<String, Long> counts = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) { return size() > KINDS; }
    };
    private long total;

    synchronized void add(String sentence) {
        counts.merge(sentence, 1L, Long::sum);
        total++;
    }

    synchronized long total() { return total; }

    /** {@code %x: expected Float(8, 10, device=cpu), got Float(9, 10, device=cpu) (3 times)}, the latest last. */
    synchronized List<String> sentences() {
        List<String> out = new ArrayList<>();
        counts.forEach((s, n) -> out.add(n == 1 ? s : s + " (" + n + " times)"));
        return out;
    }
}
