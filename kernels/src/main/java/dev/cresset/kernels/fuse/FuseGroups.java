package dev.cresset.kernels.fuse;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Pass;
import dev.cresset.ir.rewrite.PassContext;
import dev.cresset.kernels.fuse.Definitions.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Gathers operators of a static subgraph that one generated kernel can compute.
 *
 * <pre>{@code
 * %a = aten::mul(%x, %y)                %b = prim::FusionGroup_0(%x, %y)
 * %b = aten::sigmoid(%a)          →     with prim::FusionGroup_0 = graph(%x, %y):
 *                                         %1 = aten::mul(%x, %y)
 *                                         %2 = aten::sigmoid(%1)
 *                                         return (%2)
 * }</pre>
 *
 * What a group computes is the same, bit for bit where it has no reduction. {@link FusionRules} says which operators a kernel
 * can compute, {@link GroupLowering} whether some of them make one loop nest, {@link FusionCost} whether that is worth while.
 */
public final class FuseGroups implements Pass {
    /** Why a node is in no group, or not in the group of one that it reads. */
    public record Note(Node node, String reason) {}

    /** Products of more rows than these are kernels of their own, or for the library. */
    public static final int MOST_ROWS = 4;

    private final Consumer<List<Note>> notes;
    private final boolean products;

    public FuseGroups() { this(_ -> { }); }

    /** @param notes is told, when the pass has run, why nodes are not together */
    public FuseGroups(Consumer<List<Note>> notes) { this(notes, false); }

    private FuseGroups(Consumer<List<Note>> notes, boolean products) {
        this.notes = notes;
        this.products = products;
    }

    /** For devices: takes {@code aten::linear} of up to {@link #MOST_ROWS} rows into groups, too. */
    public static FuseGroups withProducts(Consumer<List<Note>> notes) { return new FuseGroups(notes, true); }

    /** @param notes in the order of their nodes */
    public record Fused(Graph graph, List<Note> notes) {}

    @Override public Graph run(Graph graph, PassContext context) {
        if (!context.mayChange()) return graph;
        Fused fused = form(graph);
        notes.accept(fused.notes());
        return fused.graph();
    }

    /** Forms the groups. The same graph comes back if there is none. */
    public Fused form(Graph graph) {
        Definitions known = Definitions.of(graph, products ? MOST_ROWS : 0);
        Readers readers = new Readers(graph, known);
        Clusters clusters = new Clusters(readers, known);
        clusters.form();
        Graph fused = clusters.all().isEmpty() ? graph : new GroupWriter(graph, readers, clusters).write();
        return new Fused(fused, notes(readers, known, clusters));
    }

    private static List<Note> notes(Readers readers, Definitions known, Clusters clusters) {
        List<Note> out = new ArrayList<>();
        for (int i = 0; i < readers.count(); i++) {
            Node n = readers.node(i);
            if (readers.role(i) == Role.FREE || n.operator() == null && readers.role(i) == Role.OUTSIDE) continue;
            if (clusters.of(i) != null) apart(i, readers, clusters, out);
            else out.add(new Note(n, readers.role(i) == Role.OUTSIDE ? known.reason(n) : clusters.refusals().get(i)));
        }
        return out;
    }

    /** Says of a node in a group why it is not in the group of a node it reads. */
    private static void apart(int node, Readers readers, Clusters clusters, List<Note> out) {
        for (Value v : readers.sources(node)) {
            int producer = readers.definer(v);
            if (clusters.of(producer) == null || clusters.of(producer) == clusters.of(node)) continue;
            String reason = clusters.refusal(producer, node);
            String kind = readers.node(producer).kind();
            if (reason != null) out.add(new Note(readers.node(node), "not in the group of " + kind + ": " + reason));
        }
    }
}
