package dev.cresset.profiler.timeline;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What ran when: one event for each operator and each call, from any number of threads. Recording costs some tens of
 * nanoseconds an event; memory is bounded, further events are counted and dropped.
 */
public final class Timeline {
    private static final int DEFAULT_LIMIT = 2_000_000;

    /**
     * One thing that ran.
     *
     * @param name       the operator with its overload, {@code aten::add.Tensor}, or the called method
     * @param category   {@code operator}, {@code control} or {@code call}
     * @param place      the source line, or empty
     * @param thread     the thread's name
     * @param startNanos by {@link System#nanoTime()}
     */
    public record Event(String name, String category, String place, String thread, long startNanos, long endNanos) {
        public long nanos() { return endNanos - startNanos; }
    }

    /** All events of one name together. */
    public record Row(String name, long count, long totalNanos, long longestNanos) {}

    private final int limit;
    private final List<Event> events = new ArrayList<>();
    private long dropped;

    public Timeline() { this(DEFAULT_LIMIT); }

    /** @param limit how many events are kept */
    public Timeline(int limit) { this.limit = limit; }

    public synchronized void record(String name, String category, String place, long startNanos, long endNanos) {
        if (events.size() < limit) events.add(new Event(name, category, place, Thread.currentThread().getName(), startNanos, endNanos));
        else dropped++;
    }

    public synchronized List<Event> events() { return List.copyOf(events); }

    /** Events beyond the limit, which are not kept. */
    public synchronized long dropped() { return dropped; }

    public synchronized void clear() {
        events.clear();
        dropped = 0;
    }

    /** Operators by total time, the largest first. Calls are left out: they contain the operators. */
    public List<Row> rows() {
        Map<String, Row> rows = new LinkedHashMap<>();
        for (Event e : events()) {
            if (e.category().equals("call")) continue;
            rows.merge(e.name(), new Row(e.name(), 1, e.nanos(), e.nanos()), (a, b) -> new Row(a.name(), a.count() + b.count(),
                a.totalNanos() + b.totalNanos(), Math.max(a.longestNanos(), b.longestNanos())));
        }
        return rows.values().stream().sorted(Comparator.comparingLong(Row::totalNanos).reversed()).toList();
    }

    /** The rows as text: operator, number of calls, total, mean and longest time, share of the whole. */
    public String table() {
        List<Row> rows = rows();
        long total = rows.stream().mapToLong(Row::totalNanos).sum();
        StringBuilder out = new StringBuilder(String.format(Locale.ROOT, "%-44s %8s %11s %11s %11s %7s%n", "operator", "calls",
            "total ms", "mean us", "longest us", "share"));
        for (Row r : rows) {
            out.append(String.format(Locale.ROOT, "%-44s %8d %11.3f %11.2f %11.2f %6.1f%%%n", r.name(), r.count(), r.totalNanos() / 1e6,
                r.totalNanos() / 1e3 / r.count(), r.longestNanos() / 1e3, total == 0 ? 0 : 100.0 * r.totalNanos() / total));
        }
        return out.append(String.format(Locale.ROOT, "%-44s %8s %11.3f%n", "all", "", total / 1e6)).toString();
    }
}
