package dev.cresset.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cresset.Engine;
import dev.cresset.ExecutionMode;
import dev.cresset.Program;
import dev.cresset.Result;
import dev.cresset.ScriptModule;
import dev.cresset.cli.device.DeviceOptions;
import dev.cresset.cli.image.ImageOptions;
import dev.cresset.cli.input.CallArguments;
import dev.cresset.cli.output.Progress;
import dev.cresset.cli.output.Ranking;
import dev.cresset.cli.output.ResultDifference;
import dev.cresset.cli.output.ResultFiles;
import dev.cresset.cli.output.ResultJson;
import dev.cresset.cli.output.ResultText;
import dev.cresset.kernels.op.Precision;
import dev.cresset.profiler.timeline.ChromeTrace;
import dev.cresset.profiler.timeline.Timeline;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cresset run}: calls a method of a model and prints what it returns. */
@Command(name = "run", customSynopsis = "cresset run [OPTIONS] MODEL [INPUT...]", mixinStandardHelpOptions = true,
    versionProvider = Version.class, sortOptions = false,
    description = {"Calls a method of a model and prints what it returns.", "",
        "An INPUT is one of:",
        "  file.npy  file.npz:name         an array of NumPy",
        "  f32[1,3,224,224]                random: standard normal; integers 0 to 9; bool tosses a coin",
        "  f32[2,3]=zeros =ones =arange =uniform =7.5  i64[1,16]=0..1000   filled so (HIGH excluded)",
        "      element types: u8 i8 i16 i32 i64 f16 bf16 f32 f64 c64 c128 bool",
        "  3  2.5  1+2j  true  none  text  'text'  [1,2]  (1,[2,3])  {key: 1}",
        "      numbers and lists of them become tensors where the method declares a tensor",
        "  @args.json                      arguments in the format of cases: [VALUE…] or {\"args\": …, \"kwargs\": …}"},
    footer = {"", "Examples:", "  cresset run model.pt f32[1,3,224,224] --runs 20",
        "  cresset run model.pt --image cat.jpg --labels imagenet.txt --top 5",
        "  cresset run digits.pt --image seven.png --size 8 --channels 1 --labels labels.txt",
        "  cresset run bert.pt i64[1,16]=0..1000 i64[1,16]=ones --save out.npz",
        "  cresset run tokenizer.pt 'some text' --method encode --json",
        "  cresset run model.pt f32[1,3,224,224] --warmup --runs 50 --explain",
        "  cresset run model.pt f32[1,3,224,224] --device cuda --precision fp16   # says the error against fp32, too",
        "  cresset run model.pt f32[1,3,224,224] --mode optimize --runs 5 --profile trace.json"})
final class RunCommand implements Callable<Integer> {
    private static final int DEFAULT_TOP = 5;

    @Mixin private CommonOptions common;

    @Mixin private DeviceOptions device;

    @Parameters(index = "0", paramLabel = "MODEL", description = "A TorchScript archive.")
    private Path model;

    @Parameters(index = "1..*", paramLabel = "INPUT", arity = "0..*",
        description = "Arguments, as listed above; images come first.")
    private List<String> inputs = List.of();

    @Option(names = "--arg", paramLabel = "NAME=INPUT", description = "An argument by name.")
    private Map<String, String> named = Map.of();

    @ArgGroup(exclusive = false, heading = "%nImages:%n")
    private ImageOptions image;

    @ArgGroup(exclusive = false, heading = "%nResult:%n")
    private OutputOptions output = new OutputOptions();

    @ArgGroup(exclusive = false, heading = "%nHow to run:%n")
    private CallOptions call = new CallOptions();

    /** What is done with the result. */
    private static final class OutputOptions {
        @Option(names = "--labels", paramLabel = "FILE", description =
            "Names of the classes, one a line; prints the likeliest by softmax.")
        private Path labels;

        @Option(names = "--top", paramLabel = "K", description =
            "How many classes to print (default: 5 with --labels).")
        private int top;

        @Option(names = "--save", paramLabel = "PATH",
            description =
                "Writes the result's tensors to PATH.npz, PATH.npy or a folder, named result, result.0, result.key …")
        private Path save;

        @Option(names = "--json",
            description = "Prints one JSON object; what the program prints goes to standard error then.")
        private boolean json;
    }

    /** How the method is called. */
    private static final class CallOptions {
        @Option(names = "--method", paramLabel = "NAME", description = "The method to call (default: forward).")
        private String method = "forward";

        @Option(names = "--eval",
            description = "Put the module into evaluation mode first; else it runs as it was saved.")
        private boolean eval;

        @Option(names = "--threads", paramLabel = "N", description = "Threads per call (default: all processors).")
        private int threads = Runtime.getRuntime().availableProcessors();

        @Option(names = "--seed", paramLabel = "N", description =
            "Seed of random inputs and of the program's random numbers (default: 0).")
        private long seed;

        @Option(names = "--runs", paramLabel = "N", description =
            "Calls N times; prints first, median and p90 time to standard error.")
        private int runs = 1;

        @Option(names = "--callers", paramLabel = "N", description =
            "With --runs: N threads call the same module at once.")
        private int callers = 1;

        @Option(names = "--profile", paramLabel = "FILE", description =
            "Times each operator, or each step of a plan where one runs: a table on standard error, and a Chrome trace in "
            + "FILE (opens in Perfetto).")
        private Path profile;

        @Option(names = "--mode", paramLabel = "MODE", description =
            "default (plans are made in the background and serve once they measured faster), interpret (the unoptimised "
            + "graph), profile (record only), optimize (make plans at once and use them), shadow (and compare with the "
            + "unoptimised graph), deopt (guards fail at random).")
        private String mode = "default";

        @Option(names = "--warmup", description =
            "Makes the method fast for these inputs first: records, makes a plan, measures it against the unoptimised graph.")
        private boolean warmup;

        @Option(names = "--explain", description =
            "Says on standard error (or in the JSON) what ran: plans, what is fused and what is not, guards that failed.")
        private boolean explain;
    }

    @Override public Integer call() throws IOException {
        if (call.runs < 1
            || call.callers < 1) throw new IllegalArgumentException("--runs and --callers must be at least 1");
        ExecutionMode mode = ExecutionMode.named(call.mode).orElseThrow(() ->
            new IllegalArgumentException("there is no mode '" + call.mode + "'; the modes are " + ExecutionMode.names()));
        PrintStream prints = output.json ? System.err : System.out;
        Timeline timeline = call.profile == null ? null : new Timeline();
        try (Progress progress = Progress.start(common.err(), "loading " + model.getFileName());
             Engine engine = engine(mode, prints, timeline);
             Program program = engine.load(model);
             ScriptModule module = program.instantiate()) {
            if (call.eval) module.eval();
            CallArguments arguments = CallArguments.read(new CallArguments.Given(image, inputs, named, call.seed),
                program.schema(call.method));
            if (call.warmup) {
                progress.now("warming " + call.method + " up");
                module.warmup(call.method, arguments.positional(), arguments.named());
            }
            progress.now("running " + call.method);
            ObjectNode json = run(module, arguments, progress, prints);
            if (call.explain) explain(engine, program, json);
            device.report(engine, common.err());
            if (json != null) common.out().println(json);
        }
        if (timeline != null) {
            ChromeTrace.write(timeline, call.profile);
            common.err().println(timeline.table().stripTrailing());
        }
        return 0;
    }

    /** Runs as often as asked for, and reports. @return what remains to be printed as JSON, or null */
    private ObjectNode run(ScriptModule module, CallArguments arguments, Progress progress, PrintStream prints)
        throws IOException {
        Timing timing = new Timing();
        ObjectNode json;
        try (Result result = timing.first(() -> module.call(call.method, arguments.positional(), arguments.named()))) {
            progress.close();
            prints.flush();
            json = report(result.value(), timing);
            sayError(result.value(), json);
        }
        if (call.runs > 1 || call.callers > 1) {
            timing.repeat(() -> module.call(call.method, arguments.positional(), arguments.named()).close(),
                call.runs - 1, call.callers);
            common.err().println(timing);
        }
        return json;
    }

    /** Where operands were rounded because it was asked for: what that changed, by one unoptimised call with all of float32. */
    private void sayError(Object result, ObjectNode json) throws IOException {
        Precision precision = device.precision(Precision.FP32);
        if (precision == Precision.FP32 || device.device().isCpu()) return;
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        try (Engine exact = device.builder().precision(Precision.FP32).mode(ExecutionMode.INTERPRET).threads(call.threads).seed(call.seed).out(nowhere).build();
             Program program = exact.load(model);
             ScriptModule module = program.instantiate()) {
            if (call.eval) module.eval();
            CallArguments same = CallArguments.read(new CallArguments.Given(image, inputs, named, call.seed), program.schema(call.method));
            try (Result expected = module.call(call.method, same.positional(), same.named())) {
                ResultDifference error = ResultDifference.of(result, expected.value());
                if (error == null) common.err().println("error of " + precision + " against fp32: the results have no elements to compare");
                else if (json == null) common.err().println("error of " + precision + " against fp32: " + error);
                else json.set("error_against_fp32", error.json());
            }
        }
    }

    private void explain(Engine engine, Program program, ObjectNode json) {
        program.executor().await();
        boolean onDevice = engine.device().isCuda();
        if (json == null) {
            common.err().println(program.explain().text().stripTrailing());
            if (onDevice) common.err().println(engine.device() + " holds " + engine.deviceMemory().text());
            return;
        }
        json.set("explanation", new ObjectMapper().valueToTree(program.explain()));
        if (onDevice) json.set("device_memory", new ObjectMapper().valueToTree(engine.deviceMemory()));
    }

    private Engine engine(ExecutionMode mode, PrintStream prints, Timeline timeline) throws IOException {
        return device.builder().mode(mode).threads(call.threads).seed(call.seed).out(prints).timeline(timeline).build();
    }

    private ObjectNode report(Object result, Timing timing) throws IOException {
        boolean ranked = output.labels != null || output.top > 0;
        List<String> labels = output.labels == null ? List.of()
            : Files.readAllLines(output.labels).stream().filter(l -> !l.isBlank()).toList();
        List<List<Ranking.Place>> rows = ranked ? Ranking.of(result, labels, output.top > 0 ? output.top : DEFAULT_TOP)
            : List.of();
        ObjectNode json = output.json ? json(result, rows, timing) : null;
        if (json == null && ranked) print(rows);
        else if (json == null) new ResultText(common.out()).print(result);
        common.out().flush();
        if (output.save != null) {
            List<String> names = ResultFiles.save(result, output.save);
            common.err().println("saved " + String.join(", ", names) + " to " + output.save);
        }
        return json;
    }

    private void print(List<List<Ranking.Place>> rows) {
        int width = rows.stream().flatMap(List::stream).mapToInt(p -> p.label().length()).max().orElse(0);
        for (int i = 0; i < rows.size(); i++) {
            if (rows.size() > 1) common.out().println("[" + i + "]");
            for (Ranking.Place p : rows.get(i)) {
                common.out().println(String.format(Locale.ROOT, "%-" + width + "s  %6.2f %%", p.label(),
                    100 * p.probability()));
            }
        }
    }

    private ObjectNode json(Object result, List<List<Ranking.Place>> rows, Timing timing) {
        ObjectNode out = new ObjectMapper().createObjectNode();
        out.put("model", model.toString()).put("method", call.method).put("seconds", timing.firstSeconds());
        out.set("result", ResultJson.of(result));
        for (List<Ranking.Place> row : rows) {
            ArrayNode places = out.withArray("top").addArray();
            for (Ranking.Place p : row) places.addObject().put("index", p.index()).put("label", p.label())
                .put("probability", p.probability());
        }
        return out;
    }
}
