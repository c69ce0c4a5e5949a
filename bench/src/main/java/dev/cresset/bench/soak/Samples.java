package dev.cresset.bench.soak;

import dev.cresset.Engine;
import dev.cresset.Program;
import dev.cresset.bench.ResidentMemory;
import dev.cresset.runtime.executor.FunctionExecutor;
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
    private Program watched;

    /**
     * One look.
     *
     * @param calls    made so far
     * @param resident of the whole process
     * @param heap     of Java objects, garbage among them
     * @param live     tensor memory in use: states and results that are open
     * @param cached   tensor memory kept for the next call
     * @param plans    there are at the moment
     * @param made     plans made so far
     * @param planned  calls answered by plans so far
     */
    public record Sample(double seconds, long calls, double resident, double heap, double live, double cached, long plans, long made, long planned) {}

    public Samples(Engine engine) { this.engine = engine; }

    /** Whose plans are counted from now on. */
    synchronized void watch(Program program) { watched = program; }

    synchronized void take(long calls) {
        long plans = 0, made = 0, planned = 0;
        for (FunctionExecutor f : watched == null ? List.<FunctionExecutor>of() : watched.executor().all()) {
            plans += f.planCount();
            made += f.plansMade();
            planned += f.planCalls();
        }
        Runtime java = Runtime.getRuntime();
        all.add(new Sample((System.nanoTime() - start) / 1e9, calls, ResidentMemory.kilobytes() / 1024.0,
            (java.totalMemory() - java.freeMemory()) / MEGABYTE, engine.memory().liveBytes() / MEGABYTE, engine.memory().cachedBytes() / MEGABYTE,
            plans, made, planned));
    }

    public synchronized List<Sample> all() { return List.copyOf(all); }

    /** Counts of plans by name, for a plot. */
    public Map<String, double[]> plans() {
        Map<String, double[]> series = new LinkedHashMap<>();
        series.put("plans", all().stream().mapToDouble(Sample::plans).toArray());
        series.put("made so far", all().stream().mapToDouble(Sample::made).toArray());
        return series;
    }

    /** Megabytes by name, for a plot. */
    public Map<String, double[]> memory() {
        Map<String, double[]> series = new LinkedHashMap<>();
        series.put("resident", all().stream().mapToDouble(Sample::resident).toArray());
        series.put("Java heap", all().stream().mapToDouble(Sample::heap).toArray());
        series.put("tensors kept", all().stream().mapToDouble(Sample::cached).toArray());
        series.put("tensors in use", all().stream().mapToDouble(Sample::live).toArray());
        return series;
    }
}
