package dev.cresset.kernels.fuse;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Rewriter;
import dev.cresset.kernels.fuse.Definitions.Role;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Writes a static subgraph anew with its clusters as {@code prim::FusionGroup} nodes. */
final class GroupWriter {
    private final Graph graph;
    private final Readers readers;
    private final Clusters clusters;
    private final Set<Object> written = new LinkedHashSet<>();   // positions of nodes, and clusters
    private final List<Node> out = new ArrayList<>();

    GroupWriter(Graph graph, Readers readers, Clusters clusters) {
        this.graph = graph;
        this.readers = readers;
        this.clusters = clusters;
    }

    /** Nodes in their order, each after what it needs; constants and views that only groups used are left out. */
    Graph write() {
        for (int i = 0; i < readers.count(); i++) if (readers.role(i) != Role.FREE) unit(i);
        for (Value v : graph.outputs()) need(v);
        return new Graph(new Block(graph.inputs(), out, graph.outputs()));
    }

    private void need(Value v) {
        int at = readers.definer(v);
        if (at >= 0) unit(at);
    }

    private void unit(int i) {
        Cluster c = clusters.of(i);
        if (!written.add(c == null ? i : c)) return;
        if (c == null) {
            Node n = readers.node(i);
            n.inputs().forEach(this::need);
            out.add(n);
        } else {
            Group g = new Group(c);
            g.inputs.keySet().forEach(this::need);
            out.add(g.node());
        }
    }

    /** One cluster with the constants and views it needs. */
    private final class Group {
        final Map<Value, Value> inputs = new LinkedHashMap<>();   // to those of the subgraph
        private final TreeSet<Integer> inside = new TreeSet<>();
        private final Cluster cluster;

        Group(Cluster cluster) {
            this.cluster = cluster;
            for (int m : cluster.members()) include(m);
        }

        private void include(int i) {
            if (!inside.add(i)) return;
            for (Value v : readers.node(i).inputs()) {
                int at = readers.definer(v);
                if (at >= 0 && (cluster.members().contains(at) || readers.role(at) == Role.FREE)) include(at);
                else inputs.computeIfAbsent(v, o -> new Value(o.type(), o.hint()));
            }
        }

        Node node() {
            Map<Value, Value> copies = new HashMap<>(inputs);
            List<Node> body = Rewriter.copy(inside.stream().map(readers::node).toList(), copies, null);
            List<Value> results = cluster.outputs().stream().map(copies::get).toList();
            Graph subgraph = new Graph(new Block(List.copyOf(inputs.values()), body, results));
            return new Node(Kinds.FUSION_GROUP, null, Map.of("Subgraph", subgraph), List.copyOf(inputs.keySet()), cluster.outputs(),
                List.of(), readers.node(cluster.members().last()).location());
        }
    }
}
