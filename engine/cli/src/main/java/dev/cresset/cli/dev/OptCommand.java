package dev.cresset.cli.dev;

import dev.cresset.ir.diag.Flags;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.rewrite.NamedPass;
import dev.cresset.ir.rewrite.Pass;
import dev.cresset.ir.rewrite.Pipeline;
import dev.cresset.ir.text.GraphParser;
import dev.cresset.ir.text.GraphPrinter;
import dev.cresset.ir.type.ClassType;
import dev.cresset.ir.verify.Verifier;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.ops.Operators;
import dev.cresset.runtime.interpreter.GraphPreparation;
import dev.cresset.tensor.MemoryPool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cresset dev opt}: graph text in, passes over it, graph text out. */
@Command(name = "opt", mixinStandardHelpOptions = true,
    description =
        "Runs passes over a graph in text form. A golden file's header names its passes; what follows its ---- line "
        + "is left out.",
    footer = {"", "Examples:",
        "  cresset inspect model.pt --graph | cresset dev opt --passes=peephole,eliminate-dead-code -",
        "  cresset dev opt ir/src/test/resources/golden/peephole/double_not.ir", "  cresset dev opt --list-passes"})
final class OptCommand implements Callable<Integer> {
    private static final Pattern HEADER = Pattern.compile("(?m)^// passes:(.*)$");
    private static final Pattern EXPECTED = Pattern.compile("(?m)^----\\s*$");

    @Spec private CommandSpec spec;

    @Option(names = "--passes", paramLabel = "A,B", split = ",", description = "The passes, in order.")
    private List<String> passes;

    @Option(names = "--list-passes", description = "Prints the names of all passes.")
    private boolean list;

    @Option(names = {"-v", "--verbose"}, description = "Says on standard error what each pass did.")
    private boolean verbose;

    @Parameters(paramLabel = "FILE", arity = "0..1", description = "The graph's text; - reads standard input.")
    private String file = "-";

    @Override public Integer call() throws IOException {
        Catalog catalog = Operators.catalog();
        SequencedMap<String, Pass> known = knownPasses(catalog);
        if (list) {
            known.keySet().forEach(spec.commandLine().getOut()::println);
            return 0;
        }
        String text = file.equals("-") ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
            : Files.readString(Path.of(file));
        Pipeline pipeline = new Pipeline("opt", named(known, passes != null ? passes : headerPasses(text)));
        Matcher expected = EXPECTED.matcher(text);
        String input = expected.find() ? text.substring(0, expected.start()) : text;
        Graph graph = GraphParser.parse(input.replaceAll("(?m)^//.*$", ""), catalog, name -> new ClassType(name, true));
        Verifier.verify(graph);
        Graph done = pipeline.run(graph, catalog, Flags.parse(Map.of("verify", "pass")), this::say);
        spec.commandLine().getOut().print(GraphPrinter.print(done));
        return 0;
    }

    private void say(Pipeline.Report r) {
        if (verbose) spec.commandLine().getErr().println(r.pass() + ": " + (r.changed() ? "changed" : "no change")
            + ", " + r.nanos() / 1000 + " µs");
    }

    /** The passes by name, folding constants with the kernels. */
    private static SequencedMap<String, Pass> knownPasses(Catalog catalog) {
        SequencedMap<String, Pass> known = new LinkedHashMap<>();
        for (NamedPass p : new GraphPreparation(catalog, new MemoryPool(0)).pipeline().passes()) known.put(p.name(), p.pass());
        return known;
    }

    private static List<String> headerPasses(String text) {
        Matcher header = HEADER.matcher(text);
        if (!header.find()) throw new IllegalArgumentException("no passes: give --passes=A,B or a file with a header "
            + "'// passes: a, b'");
        return List.of(header.group(1).split(","));
    }

    private static List<NamedPass> named(Map<String, Pass> known, List<String> names) {
        List<NamedPass> out = new ArrayList<>();
        for (String n : names) {
            Pass pass = known.get(n.strip());
            if (pass == null) throw new IllegalArgumentException("there is no pass '" + n.strip() + "'; there are "
                + String.join(", ", known.keySet()));
            out.add(new NamedPass(n.strip(), pass));
        }
        return out;
    }
}
