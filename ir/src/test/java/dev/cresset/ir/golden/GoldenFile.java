package dev.cresset.ir.golden;

import dev.cresset.ir.diag.CressetException;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.ScriptFunction;
import dev.cresset.ir.schema.Argument;
import dev.cresset.ir.schema.FunctionSchema;
import dev.cresset.ir.schema.OperatorTable;
import dev.cresset.ir.text.GraphParser;
import dev.cresset.ir.text.Names;
import dev.cresset.ir.type.ClassType;
import dev.cresset.ir.type.InterfaceType;
import dev.cresset.ir.type.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A golden file: {@code // passes: a, b}, a graph, a line {@code ----}, the graph after these passes. Before the graph,
 * {@code // interface NAME}, {@code // function NAME} and {@code // method CLASS.NAME} declare what it uses, the latter
 * two with a graph below; {@code // graph} then begins the main one. Other comment lines say what the case is about.
 */
final class GoldenFile {
    static final String SEPARATOR = "----\n";
    private static final Pattern DIRECTIVE =
        Pattern.compile("^// (?:(interface|function|method) (\\S+)|(graph))$", Pattern.MULTILINE);

    private final OperatorTable operators;
    private final Map<String, Type> types = new HashMap<>();
    private final Map<String, ScriptFunction> functions = new HashMap<>();
    private final Names names = new Names(name -> types.computeIfAbsent(name, n -> new ClassType(n, true)),
        functions::get);

    final String head; // everything up to the separator
    final String expected;
    final List<String> passes;
    final Graph input;

    GoldenFile(String text, OperatorTable operators) {
        this.operators = operators;
        int end = text.indexOf("\n" + SEPARATOR);
        head = end < 0 ? text : text.substring(0, end + 1);
        expected = end < 0 ? "" : text.substring(end + 1 + SEPARATOR.length());
        Matcher passLine = Pattern.compile("^// passes: (.*)$", Pattern.MULTILINE).matcher(head);
        if (!passLine.find()) throw new CressetException("a golden file needs a line '// passes: name, name'");
        passes = List.of(passLine.group(1).strip().split("\\s*,\\s*"));
        input = declareAll();
    }

    private Graph declareAll() {
        Matcher m = DIRECTIVE.matcher(head);
        List<int[]> found = new ArrayList<>();
        while (m.find()) found.add(new int[] {m.start(), m.end()});
        if (found.isEmpty()) return graph(head);
        for (int i = 0; i < found.size() - 1; i++) {
            m.find(found.get(i)[0]);
            declare(m.group(1), m.group(2), head.substring(found.get(i)[1], found.get(i + 1)[0]));
        }
        return graph(head.substring(found.getLast()[1]));
    }

    private void declare(String what, String name, String text) {
        switch (what) {
            case "interface" -> types.put(name, new InterfaceType(name, true));
            case "function" -> functions.put(name, new TextFunction(name, () -> graph(text)));
            case "method" -> {
                int dot = name.lastIndexOf('.');
                ClassType type = (ClassType) names.types().apply(name.substring(0, dot));
                type.methods().put(name.substring(dot + 1), new TextFunction(name, () -> graph(text)));
            }
            default -> throw new CressetException("unknown directive '" + what + "'");
        }
    }

    private Graph graph(String text) {
        return GraphParser.parse(text.replaceAll("(?m)^//.*$", ""), operators, names);
    }

    /** A function whose body is given as text; parsed when first asked for, since functions may name each other. */
    private static final class TextFunction implements ScriptFunction {
        private final String name;
        private final Supplier<Graph> body;
        private Graph graph;

        TextFunction(String name, Supplier<Graph> body) {
            this.name = name;
            this.body = body;
        }

        @Override public String qualifiedName() { return name; }

        @Override public Graph graph() {
            if (graph == null) graph = body.get();
            return graph;
        }

        @Override public FunctionSchema schema() {
            List<Argument> arguments = new ArrayList<>();
            graph().inputs().forEach(v -> arguments.add(Argument.plain(v.hint(), v.type())));
            List<Argument> returns = graph().outputs().stream().map(v -> Argument.plain("", v.type())).toList();
            return new FunctionSchema(name, "", arguments, returns, false);
        }
    }
}
