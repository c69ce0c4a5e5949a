package dev.cresset.bench;

import dev.cresset.ExecutionMode;
import dev.cresset.bench.differential.LongRun;
import dev.cresset.bench.plot.DeviceTimesPlots;
import dev.cresset.bench.plot.Plots;
import dev.cresset.bench.soak.Soak;
import dev.cresset.cli.device.DeviceOptions;
import dev.cresset.ir.diag.CressetException;
import dev.cresset.kernels.op.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./cresset bench}: whole models beside other engines, or JMH benchmarks of the parts. */
@Command(name = "cresset bench", mixinStandardHelpOptions = true, sortOptions = false,
    description = "Measures Cresset on models of real size, beside other engines in the same run, or its parts with JMH.",
    footer = {"", "Examples:", "  cresset bench --models resnet18_traced", "  cresset bench --peers djl,ort --threads 2 --json result.json --plots plots",
        "  cresset bench --peers djl --models mlp_policy,lstmcell_loop --batch 1,16", "  cresset bench --jmh Pointwise",
        "  cresset bench --device cuda --precision fp16 --models resnet18_traced   # with the error against PyTorch's float32",
        "  cresset bench --differential 20000 --oracle djl --json differential.json", "  cresset bench --soak shapes --json shapes.json",
        "  cresset bench --timings results/timings.json --plots plots",
        "", "Models are made once with PyTorch 1.13 (python3-torch, python3-torchvision; CRESSET_PYTHON names the Python).",
        "With --device cuda Cresset runs there, its outputs brought to the host; peers run on the CPU, as does what gives the ceiling.",
        "Other processes disturb: blocks of measurement during which they worked are measured again, up to --patience times."})
public final class Main implements Callable<Integer> {
    private static final double FLOAT32_TOLERANCE = 1e-3;

    @Option(names = "--peers", split = ",", paramLabel = "ENGINE", description = "Other engines: djl (libtorch), ort (ONNX Runtime).")
    private List<String> peers = List.of();

    @Option(names = "--models", split = ",", paramLabel = "NAME", description = "Models (default: all).")
    private List<String> models = BenchModel.ALL.stream().map(BenchModel::name).toList();

    @Option(names = "--threads", paramLabel = "N", description = "Threads of every engine (default: all processors).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Mixin private DeviceOptions device;

    @Option(names = "--batch", split = ",", paramLabel = "N", description = "Batch sizes (bert4x256: sequence lengths) of the steady state.")
    private List<Integer> batches = List.of();

    @Option(names = "--seconds", paramLabel = "S", description = "How long each engine is measured at each shape (default: 4).")
    private double seconds = 4;

    @Option(names = "--patience", paramLabel = "X", description = "How many times that it may take until the machine was quiet (default: 3).")
    private double patience = 3;

    @Option(names = "--json", paramLabel = "FILE", description = "Writes all numbers.")
    private Path json;

    @Option(names = "--markdown", paramLabel = "FILE", description = "Writes the tables that are also printed.")
    private Path markdown;

    @Option(names = "--plots", paramLabel = "DIR", description = "Writes plots (PNG): warm-up, steady state, new shapes.")
    private Path plots;

    @Option(names = "--folder", paramLabel = "DIR", description = "Where the models are or are made (default: bench/target/models).")
    private Path folder;

    @Option(names = "--jmh", paramLabel = "REGEX", arity = "0..1", fallbackValue = ".*", description = "Runs JMH benchmarks instead.")
    private String jmh;

    @Option(names = "--differential", paramLabel = "N",
        description = "Instead: compares all modes on random programs, until N combinations of programs and shapes were seen.")
    private long differential;

    @Option(names = "--seed", paramLabel = "S", description = "The first random program (default: 0).")
    private long seed;

    @Option(names = "--modes", split = ",", paramLabel = "MODE", description = "Modes to compare with the interpreter (default: all); none for none.")
    private List<String> modes;

    @Option(names = "--oracle", paramLabel = "ENGINE", description = "With --differential: another engine to compare with, djl (libtorch).")
    private String oracle;

    @Option(names = "--soak", paramLabel = "KIND", description = "Instead: looks for growth and differences over a long time: shapes, threads, instances.")
    private String soak;

    @Option(names = "--timings", paramLabel = "FILE", description = "Instead: draws what bench/gpu-acceptance/timings.sh measured (its timings.json), with --plots DIR.")
    private Path timings;

    @Option(names = "--minutes", paramLabel = "M", description = "How long to soak (default: 10,000 calls, without a limit of time).")
    private double minutes;

    public static void main(String[] args) {
        CommandLine line = new CommandLine(new Main());
        line.setExecutionExceptionHandler((e, command, _) -> {
            boolean isExpected = e instanceof IllegalArgumentException || e instanceof IOException || e instanceof CressetException;
            if (isExpected) command.getErr().println("cresset bench: " + e.getMessage());
            else e.printStackTrace(command.getErr());
            return 1;
        });
        System.exit(line.execute(args));
    }

    @Override public Integer call() throws Exception {
        if (timings != null) {
            if (plots == null) throw new IllegalArgumentException("--timings needs --plots DIR");
            DeviceTimesPlots.write(timings, plots);
            return 0;
        }
        boolean parts = jmh != null || differential > 0 || soak != null;
        if (parts && !device.device().isCpu()) throw new IllegalArgumentException("--device " + device.device() + " is for whole models");
        if (jmh != null) {
            new Runner(new OptionsBuilder().include(jmh).jvmArgsAppend("--add-modules", "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED", "-Dcresset.home=" + System.getProperty("cresset.home", ".")).build()).run();
            return 0;
        }
        if (differential > 0) return new LongRun(seed, differential, modes(), threads, oracle).run(json);
        if (soak != null) {
            Soak.Length length = minutes > 0 ? Soak.Length.minutes(minutes) : Soak.Length.calls(10_000);
            Soak.named(soak).run(length, threads, json, counts -> System.out.println(soak + ": " + counts));
            return 0;
        }
        return wholeModels();
    }

    private List<ExecutionMode> modes() {
        if (modes == null) return LongRun.allModes();
        return modes.stream().filter(m -> !m.equals("none")).map(m -> ExecutionMode.valueOf(m.toUpperCase(Locale.ROOT))).toList();
    }

    private int wholeModels() throws Exception {
        Path target = Path.of(System.getProperty("cresset.home", ".")).resolve("bench").toAbsolutePath().normalize();
        Path made = folder != null ? folder.toAbsolutePath() : target.resolve("target/models");
        Map<BenchModel, List<String>> needed = new LinkedHashMap<>();
        for (String name : models) needed.put(BenchModel.named(name), BenchModel.named(name).allLabels(batches));
        ModelFolder.complete(made, target.resolve("scripts/make_models.py"), needed);
        Report report = run(new SideBySide.Plan(engines(), made, target.resolve("target/engines"), threads, device.arguments(), tolerance(), seconds, patience), needed);
        System.out.println(report.markdown());
        if (json != null) Files.writeString(json, report.json());
        if (markdown != null) Files.writeString(markdown, report.markdown());
        if (plots != null) Plots.write(report, plots);
        return report.results().values().stream().flatMap(List::stream).anyMatch(m -> m.failure != null) ? 1 : 0;
    }

    /** Of outputs, beside PyTorch's in float32. */
    private double tolerance() {
        return device.device().isCpu() ? FLOAT32_TOLERANCE : Math.max(FLOAT32_TOLERANCE, device.precision(Precision.PYTORCH).tolerance());
    }

    private List<String> engines() {
        List<String> all = new ArrayList<>(List.of("cresset"));
        all.addAll(peers);
        return all;
    }

    private Report run(SideBySide.Plan plan, Map<BenchModel, List<String>> needed) throws IOException {
        String where = device.device().isCpu() ? null : device.description();     // fails at once if it cannot be used
        SideBySide sideBySide = new SideBySide(plan, what -> System.err.println("cresset bench: " + what));
        sideBySide.unpack(needed.keySet().iterator().next());
        double[] ceiling = sideBySide.ceiling();
        Map<BenchModel, List<Measurement>> results = new LinkedHashMap<>();
        for (BenchModel model : needed.keySet()) results.put(model, sideBySide.measure(model, model.labels(batches)));
        return new Report(Machine.describe(where), plan.threads(), plan.engines(), ceiling[0], ceiling[1], results);
    }
}
