package dev.cresset.kernels.plan.passes;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Pass;
import dev.cresset.ir.rewrite.PassContext;
import dev.cresset.ir.rewrite.Uses;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.cuda.code.Sums;
import dev.cresset.kernels.op.Body;
import dev.cresset.kernels.op.Operator;
import dev.cresset.tensor.Shapes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Puts a product of few rows with a constant matrix together with the pointwise operators that follow it, where generated kernels do
 * both better than a library and a kernel after it.
 *
 * <pre>{@code
 * %p = aten::linear(%x, %w, %b)
 * %g = aten::gelu(%p, "none")        →     %r = prim::ProductGroup[sums="PLAIN", parts=1](%x, %w, %b, %y)
 * %r = aten::mul(%g, %y)
 * }</pre>
 *
 * <p>The last one's result is the only one that others read. On devices only, after few rows have become {@code aten::linear}.
 */
public final class FormProductGroups implements Pass {
    /** Products of more rows are for the library; those of up to {@link dev.cresset.kernels.fuse.FuseGroups#MOST_ROWS} for fusion groups. */
    private static final long MOST_ROWS = 512;
    private static final int LONGEST = 24;

    /** What decides about a group. */
    public interface Choice {
        /** Whether there are kernels for a group. */
        boolean suits(Node group);

        /** How a group is done; null leaves it to the library. @param alone the group's nodes and their constants */
        Way way(Graph alone);
    }

    /**
     * How a kernel does a product.
     *
     * @param sums  how the kernel adds up
     * @param parts into which the sums are cut
     */
    public record Way(Sums sums, long parts) {
        /** Of a group. */
        public static Way of(Node group) { return new Way(Sums.valueOf((String) group.attribute("sums")), (Long) group.attribute("parts")); }

        @Override public String toString() { return sums + ", parts " + parts; }
    }

    private final Choice choice;

    public FormProductGroups(Choice choice) { this.choice = choice; }

    /** A graph of one product, and what follows it, as a group. */
    public static Graph grouped(Graph alone, Way way) {
        List<Node> calls = alone.nodes().stream().filter(n -> n.operator() != null).toList();
        List<Node> out = new ArrayList<>(alone.nodes().stream().filter(n -> n.operator() == null).toList());
        out.add(group(calls, way, Uses.of(alone)));
        return new Graph(new Block(alone.inputs(), out, alone.outputs()));
    }

    private static Node group(List<Node> nodes, Way way, Uses uses) {
        return GroupNode.of(Kinds.PRODUCT_GROUP, Map.of("sums", way.sums.name(), "parts", way.parts), nodes, uses, false);
    }

    @Override public Graph run(Graph graph, PassContext context) {
        Grouping g = new Grouping(graph);
        for (Node n : graph.nodes()) if (g.isProduct(n) && context.mayChange()) g.form(n);
        return g.groups.isEmpty() ? graph : graph.withBody(graph.body().withNodes(g.rewritten()));
    }

    private final class Grouping {
        private final Graph graph;
        private final Uses uses;
        private final Map<Node, Integer> positions = new IdentityHashMap<>();
        /** By the last node of each. */
        private final Map<Node, Node> groups = new IdentityHashMap<>();
        private final Set<Node> grouped = Collections.newSetFromMap(new IdentityHashMap<>());

        Grouping(Graph graph) {
            this.graph = graph;
            this.uses = Uses.of(graph);
            for (Node n : graph.nodes()) positions.put(n, positions.size());
        }

        boolean isProduct(Node n) {
            if (!n.is("aten::linear") || n.operator() == null || !(n.output().type() instanceof TensorType t) || !t.isComplete()) return false;
            long rows = t.sizes().isEmpty() ? 0 : t.sizes().subList(0, t.sizes().size() - 1).stream().reduce(1L, (a, b) -> a * b);
            return ProductEpilogues.hasTypes(t.dtype()) && !SmallProducts.hasFewRows(n) && rows <= MOST_ROWS && Shapes.numel(longs(t)) > 0
                && Constants.tensor(n.input(1), uses) != null;
        }

        private static long[] longs(TensorType t) { return t.sizes().stream().mapToLong(s -> s).toArray(); }

        /** The longest group that there are kernels for, if they are worth while. */
        void form(Node product) {
            for (List<Node> nodes : candidates(product).reversed()) {
                if (!choice.suits(group(nodes, new Way(Sums.PLAIN, 1), uses))) continue;
                Way way = choice.way(GroupNode.alone(nodes, uses));
                if (way == null) return;
                groups.put(nodes.getLast(), group(nodes, way, uses));
                grouped.addAll(nodes);
                return;
            }
        }

        /** The product with more and more of what follows, each with one result. */
        private List<List<Node>> candidates(Node product) {
            Set<Node> members = new LinkedHashSet<>(List.of(product));
            List<List<Node>> out = new ArrayList<>(List.of(List.of(product)));
            while (members.size() < LONGEST) {
                Node next = firstReader(members);
                if (next == null || !mayFollow(next, product)) break;
                members.add(next);
                if (isClosed(members)) out.add(List.copyOf(members));
            }
            return out;
        }

        /** The first node that reads what members give and is none; null if nobody does but those that the graph returns to. */
        private Node firstReader(Set<Node> members) {
            Node first = null;
            for (Node m : members) {
                for (Uses.Use u : uses.of(m.output())) {
                    if (u.node() == null || members.contains(u.node())) continue;
                    if (first == null || positions.get(u.node()) < positions.get(first)) first = u.node();
                }
            }
            return first;
        }

        private boolean mayFollow(Node n, Node product) {
            if (grouped.contains(n) || !(n.operator() instanceof Operator o) || !(o.body() instanceof Body.Pointwise) || o.schema().mutates()) return false;
            return n.outputs().size() == 1 && n.output().type() instanceof TensorType t && t.isComplete()
                && Shapes.numel(longs(t)) == Shapes.numel(longs((TensorType) product.output().type()));
        }

        /** True if only the last one's result is read by others. */
        private boolean isClosed(Set<Node> members) {
            List<Node> all = List.copyOf(members);
            for (Node m : all.subList(0, all.size() - 1)) {
                for (Uses.Use u : uses.of(m.output())) if (u.node() == null || !members.contains(u.node())) return false;
            }
            return true;
        }

        /** A group stands where its last node stood, so that all it reads is defined. */
        List<Node> rewritten() {
            List<Node> out = new ArrayList<>();
            for (Node n : graph.nodes()) {
                if (groups.containsKey(n)) out.add(groups.get(n));
                else if (!grouped.contains(n)) out.add(n);
            }
            return out;
        }
    }
}
