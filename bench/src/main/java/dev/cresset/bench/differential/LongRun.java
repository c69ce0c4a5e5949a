package dev.cresset.bench.differential;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.cresset.ExecutionMode;
import dev.cresset.bench.ResidentMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Random programs by the thousand: {@code ./cresset bench --differential N}. */
public final class LongRun {
    private static final int MOST_FAILURES = 20;
    private static final long PROGRESS_NANOS = 10_000_000_000L;

    private final long seed, wanted;
    private final Differential differential;
    private final List<ExecutionMode> modes;
    private final Map<String, Object> settings = new LinkedHashMap<>();
    private final long start = System.nanoTime();
    private long programs, nextProgress = start + PROGRESS_NANOS;

    /**
     * @param wanted combinations of programs and shapes
     * @param modes  to compare with the interpreter
     * @param oracle {@code djl}, or null for none
     */
    public LongRun(long seed, long wanted, List<ExecutionMode> modes, int threads, String oracle) {
        this.seed = seed;
        this.wanted = wanted;
        this.modes = modes;
        differential = new Differential(modes, threads, Optional.ofNullable(oracle).map(o -> oracle(o, threads)));
        settings.put("firstSeed", seed);
        settings.put("modes", modes);
        settings.put("threads", threads);
        settings.put("oracle", oracle);
    }

    /** The modes that are compared unless others are asked for. */
    public static List<ExecutionMode> allModes() {
        return Arrays.stream(ExecutionMode.values()).filter(m -> m != ExecutionMode.INTERPRET && m != ExecutionMode.PROFILE).toList();
    }

    private static Executor oracle(String name, int threads) {
        if (!name.equals("djl")) throw new IllegalArgumentException("there is no oracle '" + name + "'; known is djl");
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("ai.djl.pytorch.num_threads", String.valueOf(threads));
        System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
        String cache = Path.of(System.getProperty("cresset.home", "."), "bench/target/engines").toString();
        System.setProperty("ENGINE_CACHE_DIR", cache);
        System.setProperty("DJL_CACHE_DIR", cache);
        try {   // compiled only in the Maven profile 'peers'
            return (Executor) Class.forName(LongRun.class.getPackageName() + ".LibtorchExecutor").getConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("libtorch is not on the class path; build with the Maven profile 'peers'", e);
        }
    }

    /** @param json where to write the counts, or null @return the process's exit code: 1 if anything disagreed */
    public int run(Path json) throws IOException {
        try (differential) {
            while (differential.tally().combinations() < wanted && differential.tally().mismatches() < MOST_FAILURES) {
                differential.check(seed + programs++).ifPresent(failure -> System.out.println(failure.report()));
                if (System.nanoTime() > nextProgress) {
                    System.err.println("cresset bench: " + summary());
                    nextProgress = System.nanoTime() + PROGRESS_NANOS;
                }
            }
            System.out.println(summary());
            if (json != null) Files.writeString(json, new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(numbers()));
            return differential.tally().mismatches() == 0 && differential.liveBlocks() == 0 ? 0 : 1;
        }
    }

    private Map<String, Object> numbers() {
        Differential.Tally t = differential.tally();
        Map<String, Object> all = new LinkedHashMap<>(settings);
        double seconds = (System.nanoTime() - start) / 1e9;
        all.put("programs", programs);
        all.put("combinations", t.combinations());
        all.put("calls", t.calls());
        all.put("callsThatFailAlike", t.errors());
        all.put("oracleLeftOutFailingDeadCode", t.deadErrors());
        all.put("oracleFaults", t.oracleFaults());
        all.put("mismatches", t.mismatches());
        Map<ExecutionMode, Double> planned = new EnumMap<>(ExecutionMode.class);
        for (ExecutionMode m : modes) planned.put(m, Math.round(differential.plannedShare(m) * 1000) / 1000.0);
        all.put("shareOfCallsByPlans", planned);
        all.put("liveBlocks", differential.liveBlocks());
        all.put("seconds", Math.round(seconds));
        all.put("combinationsPerSecond", Math.round(t.combinations() / seconds * 10) / 10.0);
        all.put("residentMegabytes", ResidentMemory.kilobytes() / 1024);
        return all;
    }

    private String summary() {
        Map<String, Object> n = numbers();
        return String.format(Locale.ROOT, "%s programs, %s combinations with shapes (%s/s), %s calls, %s of them failing alike, "
                + "%s programs with failing dead code and %s with a known fault of the oracle, %s mismatches; share of calls by plans %s; %s MB resident, %s live blocks",
            n.get("programs"), n.get("combinations"), n.get("combinationsPerSecond"), n.get("calls"), n.get("callsThatFailAlike"),
            n.get("oracleLeftOutFailingDeadCode"), n.get("oracleFaults"), n.get("mismatches"), n.get("shareOfCallsByPlans"), n.get("residentMegabytes"), n.get("liveBlocks"));
    }
}
