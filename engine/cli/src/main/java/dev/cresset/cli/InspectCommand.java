package dev.cresset.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cresset.Engine;
import dev.cresset.Program;
import dev.cresset.cli.inspect.ArchiveText;
import dev.cresset.cli.inspect.ModuleTree;
import dev.cresset.cli.inspect.OperatorsText;
import dev.cresset.cli.inspect.Summary;
import dev.cresset.cli.output.Progress;
import dev.cresset.ir.archive.ModelFile;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.text.GraphPrinter;
import dev.cresset.ir.text.ValueText;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cresset inspect}: shows what a model file holds without running the model. */
@Command(name = "inspect", customSynopsis = "cresset inspect [OPTIONS] MODEL [METHOD]", mixinStandardHelpOptions = true,
    versionProvider = Version.class, sortOptions = false,
    description = "Shows what a model file holds, without running the model. Without a view: a summary.",
    footer = {"", "Examples:", "  cresset inspect model.pt", "  cresset inspect model.pt --tree",
        "  cresset inspect model.pt --ops        # what it calls, and what of that is not supported",
        "  cresset inspect model.pt --graph encode --inlined", "  cresset inspect model.pt --code | less"})
final class InspectCommand implements Callable<Integer> {
    @Mixin private CommonOptions common;

    @Parameters(index = "0", paramLabel = "MODEL", description = "A TorchScript archive.")
    private Path model;

    @Parameters(index = "1", arity = "0..1", paramLabel = "METHOD",
        description = "For --graph: which method (default: forward).")
    private String method = "forward";

    @ArgGroup private View view = new View();

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
    }

    @Override public Integer call() {
        PrintWriter out = common.out();
        if (view.code || view.constants) {
            try (ModelFile file = ModelFile.open(model)) {
                if (view.code) ArchiveText.code(file, out);
                else ArchiveText.constants(file, out);
            }
            return 0;
        }
        try (Progress progress = Progress.start(common.err(), "loading " + model.getFileName());
             Engine engine = Engine.create(); Program program = engine.load(model)) {
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

    private String graph(Program program) {
        Graph graph = inlined ? program.preparedGraph(method) : program.graph(method);
        return new GraphPrinter(common.verbose(), ValueText.NONE).text(graph);
    }
}
