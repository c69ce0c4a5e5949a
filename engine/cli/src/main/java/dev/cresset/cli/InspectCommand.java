package dev.cresset.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cresset.Engine;
import dev.cresset.Program;
import dev.cresset.cli.device.DeviceOptions;
import dev.cresset.cli.image.ImageOptions;
import dev.cresset.cli.input.CallArguments;
import dev.cresset.cli.inspect.ArchiveText;
import dev.cresset.cli.inspect.KernelsView;
import dev.cresset.cli.inspect.MethodRun;
import dev.cresset.cli.inspect.ModuleTree;
import dev.cresset.cli.inspect.OperatorsText;
import dev.cresset.cli.inspect.PhaseView;
import dev.cresset.cli.inspect.Summary;
import dev.cresset.cli.output.Progress;
import dev.cresset.ir.archive.ModelFile;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.text.GraphPrinter;
import dev.cresset.ir.text.ValueText;
import dev.cresset.runtime.executor.Phase;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cresset inspect}: shows what a model file holds, and what its methods become on the way to kernels. */
@Command(name = "inspect", customSynopsis = {"cresset inspect [OPTIONS] MODEL [METHOD]",
    "       cresset inspect MODEL [INPUT...] --phase PHASE [--method NAME]",
    "       cresset inspect MODEL [INPUT...] --kernels --device cuda"}, mixinStandardHelpOptions = true,
    versionProvider = Version.class, sortOptions = false,
    description = {"Shows what a model file holds, without running the model. Without a view: a summary.", "",
        "With --phase it runs the model, and shows how the profiling executor gets from a method's graph to kernels for",
        "these inputs:",
        "  inlined      calls inlined, cleaned up: the unoptimised graph",
        "  profiling    with a prim::profile on every tensor it uses",
        "  profiled     the types that the recorded runs have left on the profiles",
        "  guarded      guards in place of the profiles",
        "  specialised  evaluated for these inputs: types proved, redundant guards gone, branches decided, loops unrolled",
        "  optimized    straight-line parts as static subgraphs, with fusion groups",
        "  plan         the steps that these became, and where their memory lies",
        "  kernels      the generated kernels: loops, expressions, code", "",
        "With --kernels it shows how good the kernels of the plan for these inputs are: with --device cuda their source,",
        "registers, shared memory and spilled registers (by nvcc for all architectures, where there is one), the bytes",
        "each step moves, and on a real device its time and the share of the bandwidth that copying reaches."},
    footer = {"", "Examples:", "  cresset inspect model.pt", "  cresset inspect model.pt --tree",
        "  cresset inspect model.pt --ops        # what it calls, and what of that is not supported",
        "  cresset inspect model.pt --graph encode --inlined", "  cresset inspect model.pt --code | less",
        "  cresset inspect model.pt f32[1,3,224,224] --phase optimized",
        "  cresset inspect model.pt 'some text' --method encode --phase profiled",
        "  cresset inspect model.pt f32[1,3,224,224] --kernels --device cuda"})
final class InspectCommand implements Callable<Integer> {
    @Mixin private CommonOptions common;

    @Parameters(index = "0", paramLabel = "MODEL", description = "A TorchScript archive.")
    private Path model;

    @Parameters(index = "1..*", paramLabel = "METHOD|INPUT", arity = "0..*",
        description = "For --graph: which method (default: forward). For --phase and --kernels: arguments, as 'cresset run' takes them.")
    private List<String> words = List.of();

    @Mixin private DeviceOptions device;

    @ArgGroup private View view = new View();

    @ArgGroup(exclusive = false, heading = "%nFor --phase and --kernels:%n")
    private CallOptions call = new CallOptions();

    @ArgGroup(exclusive = false, heading = "%nFor --phase and --kernels, images:%n")
    private ImageOptions image;

    @Option(names = "--inlined", description = "For --graph: as it runs, calls inlined and cleaned up.")
    private boolean inlined;

    @Option(names = "--json", description = "Summary and operators as one JSON object.")
    private boolean json;

    /** What to show. */
    private static final class View {
        @Option(names = "--tree", description = "The modules with their parameters, shapes and counts.")
        private boolean tree;

        @Option(names = "--code", description = "The serialised source.")
        private boolean code;

        @Option(names = "--graph", description = "A method's graph as compiled; -v adds source places.")
        private boolean graph;

        @Option(names = "--ops",
            description = "All operators the methods may reach; unsupported ones with the model's own lines.")
        private boolean ops;

        @Option(names = "--constants", description = "The constants the code refers to.")
        private boolean constants;

        @Option(names = "--phase", paramLabel = "PHASE", description = "A method on its way to kernels, see above.")
        private String phase;

        @Option(names = "--kernels", description = "The kernels of the plan for these inputs and how good they are, see above.")
        private boolean kernels;
    }

    /** For --phase and --kernels: how the method is called. */
    private static final class CallOptions {
        @Option(names = "--method", paramLabel = "NAME", description = "The method to call (default: forward).")
        private String method = "forward";

        @Option(names = "--arg", paramLabel = "NAME=INPUT", description = "An argument by name.")
        private Map<String, String> named = Map.of();

        @Option(names = "--eval", description = "Put the module into evaluation mode first; else it runs as it was saved.")
        private boolean eval;

        @Option(names = "--threads", paramLabel = "N", description = "Threads per call (default: all processors).")
        private int threads = Runtime.getRuntime().availableProcessors();

        @Option(names = "--seed", paramLabel = "N", description = "Seed of random inputs (default: 0).")
        private long seed;
    }

    @Override public Integer call() throws IOException {
        PrintWriter out = common.out();
        if (view.phase != null || view.kernels) {
            out.print(called());
            return 0;
        }
        if (words.size() > 1) throw new IllegalArgumentException("one method at a time, got " + words + "; inputs are for --phase and --kernels");
        if (view.code || view.constants) {
            try (ModelFile file = ModelFile.open(model)) {
                if (view.code) ArchiveText.code(file, out);
                else ArchiveText.constants(file, out);
            }
            return 0;
        }
        try (Progress progress = Progress.start(common.err(), "loading " + model.getFileName());
             Engine engine = device.builder().build(); Program program = engine.load(model)) {
            String text = json ? Summary.json(model, program, new ObjectMapper().createObjectNode()).toString() + "\n"
                : view.tree ? ModuleTree.of(program.loaded().prototype())
                : view.ops ? OperatorsText.of(program.report())
                : view.graph ? graph(program)
                : Summary.text(model, program);
            progress.close();
            out.print(text);
        }
        return 0;
    }

    private String called() throws IOException {
        MethodRun run = new MethodRun(call.method, new CallArguments.Given(image, words, call.named, call.seed), call.threads, call.eval);
        if (view.kernels) {
            try (Progress _ = Progress.start(common.err(), "running " + model.getFileName())) {
                return new KernelsView(run).of(device.builder(), model, device.device());
            }
        }
        Phase phase = PhaseView.phase(view.phase);
        try (Progress _ = Progress.start(common.err(), "running " + model.getFileName())) {
            return new PhaseView(phase, run).of(device.builder(), model, new GraphPrinter(common.verbose(), ValueText.NONE));
        }
    }

    private String graph(Program program) {
        String method = words.isEmpty() ? call.method : words.getFirst();
        Graph graph = inlined ? program.preparedGraph(method) : program.graph(method);
        return new GraphPrinter(common.verbose(), ValueText.NONE).text(graph);
    }
}
