package dev.cresset.ir.text;

import dev.cresset.ir.diag.CressetException;
import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Location;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.ScriptFunction;
import dev.cresset.ir.graph.Source;
import dev.cresset.ir.graph.SourceRange;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.schema.OperatorInfo;
import dev.cresset.ir.schema.OperatorTable;
import dev.cresset.ir.schema.SignatureMatch;
import dev.cresset.ir.type.FunctionType;
import dev.cresset.ir.type.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads graphs as {@link GraphPrinter} and PyTorch print them. An operator's overload is not in the text: the first one
 * whose arguments and results fit is taken; a node for which there is none has no operator and still prints.
 */
public final class GraphParser {
    private static final Pattern SUBGRAPH = Pattern.compile("^with (\\S+) = graph", Pattern.MULTILINE);
    private static final Pattern PLACE = Pattern.compile("(.*):(\\d+):(\\d+)\\s*$");
    private static final Pattern BLOCK = Pattern.compile("\\s*block\\d+\\(");

    private final IrScanner in;
    private final OperatorTable operators;
    private final Names names;
    private final TypeParser types;
    private final LiteralParser literals;
    private final Map<String, Integer> subgraphStarts;
    private final Map<String, Value> values = new HashMap<>();

    private GraphParser(IrScanner in, OperatorTable operators, Names names, TypeParser types,
                        Map<String, Integer> subgraphStarts) {
        this.in = in;
        this.operators = operators;
        this.names = names;
        this.types = types == null ? new TypeParser(in, names.types()) : types;
        this.literals = new LiteralParser(in);
        this.subgraphStarts = subgraphStarts;
    }

    /** As {@link #parse(String, OperatorTable, Names)}, knowing class types only. */
    public static Graph parse(String text, OperatorTable operators, Function<String, Type> classes) {
        return parse(text, operators, new Names(classes, _ -> null));
    }

    /**
     * Parses a graph.
     *
     * @throws CressetException naming line and column if the text is not a graph
     */
    public static Graph parse(String text, OperatorTable operators, Names names) {
        Map<String, Integer> starts = new HashMap<>();
        Matcher m = SUBGRAPH.matcher(text);
        while (m.find()) starts.put(m.group(1), m.end() - "graph".length());
        IrScanner in = new IrScanner(text);
        Graph graph = new GraphParser(in, operators, names, null, starts).graph();
        if (!in.atEnd() && !in.looksAt("with ")) throw in.error("unexpected text after the graph");
        return graph;
    }

    private Graph graph() {
        in.expect("graph");
        List<Value> inputs = declarationsInParentheses();
        in.expect(":");
        List<Node> nodes = new ArrayList<>();
        while (!in.looksAt("return (")) nodes.add(node());
        in.expect("return");
        return new Graph(new Block(inputs, nodes, uses()));
    }

    private Node node() {
        List<Value> outputs = new ArrayList<>();
        if (!in.looksAt("=")) {
            do outputs.add(declaration()); while (in.accept(","));
        }
        in.expect("=");
        String kind = in.dottedName();
        Map<String, Object> attributes = new LinkedHashMap<>();
        if (in.accept("[")) attributes(kind, outputs, attributes);
        if (subgraphStarts.containsKey(kind)) {
            attributes.put("Subgraph", subgraph(kind));
            kind = kind.substring(0, kind.lastIndexOf('_'));
        }
        List<Value> inputs = uses();
        Location location = location();
        List<Block> blocks = new ArrayList<>();
        while (BLOCK.matcher(in.text).region(in.at, in.text.length()).lookingAt()) blocks.add(block());
        return new Node(kind, operator(kind, inputs, outputs), attributes, inputs, outputs, blocks, location);
    }

    private OperatorInfo operator(String kind, List<Value> inputs, List<Value> outputs) {
        return SignatureMatch.choose(operators.overloads(kind), inputs.stream().map(Value::type).toList(),
            outputs.stream().map(Value::type).toList()).orElse(null);
    }

    private Graph subgraph(String name) {
        IrScanner there = new IrScanner(in.text);
        there.at = subgraphStarts.get(name);
        Map<String, Integer> others = new HashMap<>(subgraphStarts);
        others.remove(name); // a subgraph that contains itself would not end
        return new GraphParser(there, operators, names, new TypeParser(there, names.types()), others).graph();
    }

    private Block block() {
        in.word();
        List<Value> params = declarationsInParentheses();
        in.expect(":");
        List<Node> nodes = new ArrayList<>();
        while (!in.looksAt("->")) nodes.add(node());
        in.expect("->");
        return new Block(params, nodes, uses());
    }

    private void attributes(String kind, List<Value> outputs, Map<String, Object> into) {
        do {
            String name = in.word();
            in.expect("=");
            boolean isType = name.endsWith("type") || name.endsWith("types");
            Object value = isType ? typeOrTypes() : literals.value();
            boolean isConstant = kind.equals(Kinds.CONSTANT) && outputs.size() == 1;
            if (isConstant && name.equals("name") && outputs.getFirst().type() instanceof FunctionType) {
                function((String) value, outputs, into);
            } else {
                into.put(name, isConstant && name.equals("value") ? LiteralParser.as(value,
                    outputs.getFirst().type()) : value);
            }
        } while (in.accept(","));
        in.expect("]");
    }

    /** A function constant; if the function is known, its value gets the function's own type. */
    private void function(String name, List<Value> outputs, Map<String, Object> into) {
        ScriptFunction function = names.functions().apply(name);
        if (function == null) {
            into.put("name", name);
            return;
        }
        into.put("function", function);
        Value old = outputs.getFirst();
        Value typed = new Value(new FunctionType(function), old.hint());
        values.replaceAll((_, v) -> v == old ? typed : v);
        outputs.set(0, typed);
    }

    private Object typeOrTypes() {
        if (!in.accept("[")) return types.type();
        List<Type> list = new ArrayList<>();
        while (!in.accept("]")) {
            list.add(types.type());
            if (!in.looksAt("]")) in.expect(",");
        }
        return List.copyOf(list);
    }

    private List<Value> declarationsInParentheses() {
        in.expect("(");
        List<Value> declared = new ArrayList<>();
        while (!in.accept(")")) {
            declared.add(declaration());
            if (!in.looksAt(")")) in.expect(",");
        }
        return declared;
    }

    private Value declaration() {
        String name = in.valueName();
        in.expect(":");
        Value value = new Value(types.type(), ValueNames.base(name));
        if (values.put(name, value) != null) throw in.error("%" + name + " is defined twice");
        return value;
    }

    private List<Value> uses() {
        in.expect("(");
        List<Value> used = new ArrayList<>();
        while (!in.accept(")")) {
            String name = in.valueName();
            Value value = values.get(name);
            if (value == null) throw in.error("%" + name + " is used before it is defined");
            used.add(value);
            if (!in.looksAt(")")) in.expect(",");
        }
        return used;
    }

    private Location location() {
        int lineEnd = in.text.indexOf('\n', in.at);
        int mark = in.text.indexOf('#', in.at);
        if (mark < 0 || lineEnd >= 0 && mark > lineEnd) return Location.NONE;
        in.at = mark + 1;
        Matcher m = PLACE.matcher(in.restOfLine().strip());
        if (!m.matches() || m.group(1).isEmpty()) return Location.NONE;
        int column = Integer.parseInt(m.group(3)); // an excerpt of blanks has this column; the text itself is not known
        Source source = new Source(m.group(1), " ".repeat(column));
        return new Location(new SourceRange(source, column, column, Integer.parseInt(m.group(2))), "", null);
    }
}
