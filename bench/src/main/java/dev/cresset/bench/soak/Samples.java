package dev.cresset.bench.soak;

import dev.cresset.Engine;
import dev.cresset.bench.ResidentMemory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a soak test sees over time. Memory in megabytes. */
public final class Samples {
    private static final double MEGABYTE = 1 << 20;

    private final Engine engine;
    private final long start = System.nanoTime();
    private final List<Sample> all = new ArrayList<>();

    /**
     * One look.
     *
     * @param calls    made so far
     * @param resident of the whole process
     * @param heap     of Java objects, garbage among them
     * @param live     tensor memory in use: states and results that are open
     * @param cached   tensor memory kept for the next call
     */
    public record Sample(double seconds, long calls, double resident, double heap, double live, double cached) {}

    public Samples(Engine engine) { this.engine = engine; }

    synchronized void take(long calls) {
        Runtime java = Runtime.getRuntime();
        all.add(new Sample((System.nanoTime() - start) / 1e9, calls, ResidentMemory.kilobytes() / 1024.0,
            (java.totalMemory() - java.freeMemory()) / MEGABYTE, engine.memory().liveBytes() / MEGABYTE, engine.memory().cachedBytes() / MEGABYTE));
    }

    public synchronized List<Sample> all() { return List.copyOf(all); }

    /** The series of a plot by name. */
    public Map<String, double[]> series() {
        Map<String, double[]> series = new LinkedHashMap<>();
        series.put("resident", all().stream().mapToDouble(Sample::resident).toArray());
        series.put("Java heap", all().stream().mapToDouble(Sample::heap).toArray());
        series.put("tensors kept", all().stream().mapToDouble(Sample::cached).toArray());
        series.put("tensors in use", all().stream().mapToDouble(Sample::live).toArray());
        return series;
    }
}
