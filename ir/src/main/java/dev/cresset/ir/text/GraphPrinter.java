package dev.cresset.ir.text;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Location;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TupleType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Prints graphs in PyTorch's textual form. Values are renamed in order of appearance, so equal graphs give equal
 * text and
 * what {@link GraphParser} reads back prints the same.
 */
public final class GraphPrinter {
    private final boolean locations;
    private final LiteralPrinter literals;

    /**
     * @param locations true to end each node's line with {@code # file:line:column}
     * @param values    prints constants ir has no class for
     */
    public GraphPrinter(boolean locations, ValueText values) {
        this.locations = locations;
        this.literals = new LiteralPrinter(values);
    }

    /** The text of a graph without locations, the form that tests compare. */
    public static String print(Graph graph) { return new GraphPrinter(false, ValueText.NONE).text(graph); }

    /** One line of a printed graph; {@code node} is null for a line that is no node. */
    public record Line(String text, Node node) {}

    /** The whole text; ends with a line end. */
    public String text(Graph graph) {
        return lines(graph).stream().map(l -> l.text() + "\n").collect(Collectors.joining());
    }

    /** The lines of the whole text, each with the node it shows. */
    public List<Line> lines(Graph graph) {
        List<Graph> subgraphs = new ArrayList<>();
        List<String> subgraphNames = new ArrayList<>();
        List<Line> out = new ArrayList<>(new OneGraph(subgraphs, subgraphNames).lines("graph", graph));
        for (int i = 0; i < subgraphs.size(); i++) { // grows while subgraphs of subgraphs are met
            String head = "with " + subgraphNames.get(i) + " = graph";
            out.addAll(new OneGraph(subgraphs, subgraphNames).lines(head, subgraphs.get(i)));
        }
        return out;
    }

    /** The printing of one graph with its own names. */
    private final class OneGraph {
        private final List<Graph> subgraphs;
        private final List<String> subgraphNames;
        private final ValueNames names = new ValueNames();
        private final List<Line> out = new ArrayList<>();

        OneGraph(List<Graph> subgraphs, List<String> subgraphNames) {
            this.subgraphs = subgraphs;
            this.subgraphNames = subgraphNames;
        }

        List<Line> lines(String head, Graph graph) {
            String inputs = graph.inputs().stream().map(this::declaration).collect(Collectors.joining(",\n      "));
            add(head + "(" + inputs + "):", null);
            for (Node n : graph.nodes()) node(n, "  ");
            add("  return (" + list(graph.outputs()) + ")", null);
            return out;
        }

        private void add(String text, Node node) { out.add(new Line(text, node)); }

        private void node(Node n, String indent) {
            String inputs = list(n.inputs()); // named first, for the rare case that they are defined nowhere
            String outputs = n.outputs().stream().map(this::declaration).collect(Collectors.joining(", "));
            add(indent + outputs + " = " + kind(n) + attributes(n) + "(" + inputs + ")" + location(n.location()), n);
            for (int i = 0; i < n.blocks().size(); i++) block(n.block(i), i, indent + "  ");
        }

        private void block(Block b, int index, String indent) {
            String params = b.params().stream().map(this::declaration).collect(Collectors.joining(", "));
            add(indent + "block" + index + "(" + params + "):", null);
            for (Node n : b.nodes()) node(n, indent + "  ");
            add(indent + "  -> (" + list(b.returns()) + ")", null);
        }

        private String kind(Node n) {
            if (n.subgraph().isEmpty()) return n.kind();
            String name = n.kind() + "_" + subgraphs.size();
            subgraphs.add(n.subgraph().get());
            subgraphNames.add(name);
            return name;
        }

        private String declaration(Value v) { return names.of(v) + " : " + v.type(); }

        private String list(List<Value> values) {
            return values.stream().map(names::of).collect(Collectors.joining(", "));
        }
    }

    private String attributes(Node n) {
        List<String> parts = new ArrayList<>();
        for (Map.Entry<String, Object> a : n.attributes().entrySet()) {
            if (a.getValue() instanceof Graph && a.getKey().equals("Subgraph")) continue;
            boolean function = n.is(Kinds.CONSTANT) && a.getKey().equals("function");
            parts.add((function ? "name" : a.getKey()) + "=" + value(n, a.getValue()));
        }
        return parts.isEmpty() ? "" : "[" + String.join(", ", parts) + "]";
    }

    private String value(Node n, Object value) {
        boolean boolConstant = n.is(Kinds.CONSTANT) && value instanceof Boolean && n.output().type() == SimpleType.BOOL;
        if (boolConstant) return (Boolean) value ? "1" : "0";
        boolean tupleConstant = n.is(Kinds.CONSTANT) && n.output().type() instanceof TupleType;
        String text = literals.print(value);
        if (tupleConstant && value instanceof List<?>) return "(" + text.substring(1, text.length() - 1) + ")";
        if (value instanceof String || value instanceof List<?> || text.indexOf('\n') < 0) return text;
        return text.replace('\n', ' ');
    }

    private String location(Location l) { return locations && l.range() != null ? " # " + l.range().place() : ""; }
}
