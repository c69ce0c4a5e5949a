package dev.cresset.bench.soak;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.cresset.Engine;
import dev.cresset.ExecutionMode;
import dev.cresset.bench.plot.TimePlot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Long runs that look for growth and for differences: many shapes through one program, many threads in one program, many
 * instances of one program.
 */
public enum Soak {
    SHAPES(ExecutionMode.DEFAULT, (engine, samples, threads, length) -> new ShapeSoak(engine, samples, 16, 200, threads).run(length)),
    THREADS(ExecutionMode.OPTIMIZE, (engine, samples, _, length) -> new ThreadSoak(engine, samples, 16).run(length)),
    INSTANCES(ExecutionMode.DEFAULT, (engine, samples, _, length) -> new InstanceSoak(engine, samples, 1000).run(length));

    private final ExecutionMode mode;
    private final Run run;

    Soak(ExecutionMode mode, Run run) {
        this.mode = mode;
        this.run = run;
    }

    /** @throws IllegalArgumentException naming those there are */
    public static Soak named(String name) {
        return Arrays.stream(values()).filter(s -> s.name().equalsIgnoreCase(name)).findFirst().orElseThrow(() -> new IllegalArgumentException(
            "there is no soak test '" + name + "'; there are shapes, threads and instances"));
    }

    /** One soak test in an engine of its own. */
    private interface Run {
        /** @return counts that are worth telling, by name */
        Map<String, Long> run(Engine engine, Samples samples, int threads, Length length) throws Exception;
    }

    /**
     * How long to go on: until enough calls were made, or enough time has passed.
     *
     * @param calls of the whole run
     * @param nanos {@link Long#MAX_VALUE} for as long as it takes
     */
    public record Length(long calls, long nanos) {
        public static Length minutes(double minutes) { return new Length(Long.MAX_VALUE, (long) (minutes * 60e9)); }

        public static Length calls(long count) { return new Length(count, Long.MAX_VALUE); }

        /** Whether {@code done} calls since {@code start} are enough. */
        boolean reached(long done, long start) { return done >= calls || nanos < Long.MAX_VALUE && System.nanoTime() - start >= nanos; }
    }

    /**
     * Runs it and writes what was seen.
     *
     * @param json where all numbers go, or null; plots of the same name, {@code .png} and {@code -plans.png}, go beside it
     * @return the counts, {@code liveBlocks} at the end among them
     * @throws IllegalStateException if results differ that must not, or memory is lost
     */
    public Map<String, Long> run(Length length, int threads, Path json, Consumer<String> progress) throws Exception {
        try (Engine engine = Engine.builder().mode(mode).threads(threads).build()) {
            Samples samples = new Samples(engine);
            Map<String, Long> counts = new LinkedHashMap<>(run.run(engine, samples, threads, length));
            counts.put("liveBlocks", engine.memory().liveBlocks());
            progress.accept(counts.toString());
            if (json != null) write(samples, counts, json);
            if (engine.memory().liveBlocks() != 0) throw new IllegalStateException("blocks of tensor memory were not given back: " + counts);
            return counts;
        }
    }

    private void write(Samples samples, Map<String, Long> counts, Path json) throws IOException {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("soak", name().toLowerCase(java.util.Locale.ROOT));
        all.put("mode", mode);
        all.put("counts", counts);
        all.put("samples", samples.all());
        Files.writeString(json, new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(all));
        double[] calls = samples.all().stream().mapToDouble(Samples.Sample::calls).toArray();
        String place = json.toString().replaceFirst("\\.json$", "");
        TimePlot.write(title() + ": memory", "megabytes", "calls", calls, samples.memory(), Path.of(place + ".png"));
        TimePlot.write(title() + ": plans", "plans", "calls", calls, samples.plans(), Path.of(place + "-plans.png"));
    }

    private String title() {
        return switch (this) {
            case SHAPES -> "Random shapes through one encoder";
            case THREADS -> "16 threads in one program";
            case INSTANCES -> "1000 instances of one program";
        };
    }
}
