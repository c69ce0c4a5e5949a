package dev.cresset.runtime.executor;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Node;
import dev.cresset.kernels.plan.StaticPlan;
import dev.cresset.kernels.plan.SymbolicPart;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a plan looks like on the way to it, for people.
 *
 * @param specialised the graph evaluated for the plan's arguments
 * @param gathered    the same with its straight-line parts as static subgraphs
 * @param parts       what the static subgraphs became
 * @param groups      the fusion and library groups outside of static subgraphs
 */
record PlanText(Graph guarded, Graph specialised, Graph gathered, List<Part> parts, List<Group> groups) {
    PlanText {
        parts = List.copyOf(parts);
        groups = List.copyOf(groups);
    }

    /** A fusion or library group of the gathered graph, for any sizes, and what runs it. */
    record Group(Node node, SymbolicPart code) {}

    /** A node of the gathered graph, and what runs it. */
    record Part(Node node, StaticPlan plan) {}

    /** The gathered graph, with each static subgraph as the passes of its plan left it. */
    Graph optimized() {
        Map<Node, StaticPlan> plans = new IdentityHashMap<>();
        for (Part p : parts) plans.put(p.node(), p.plan());
        return gathered.withBody(optimized(gathered.body(), plans));
    }

    private static Block optimized(Block block, Map<Node, StaticPlan> plans) {
        return block.withNodes(block.nodes().stream().map(n -> optimized(n, plans)).toList());
    }

    private static Node optimized(Node n, Map<Node, StaticPlan> plans) {
        StaticPlan plan = plans.get(n);
        if (plan == null) return n.blocks().isEmpty() ? n : n.withBlocks(n.blocks().stream().map(b -> optimized(b, plans)).toList());
        Map<String, Object> attributes = new LinkedHashMap<>(n.attributes());
        attributes.put("Subgraph", plan.graph());
        return new Node(n.kind(), n.operator(), attributes, n.inputs(), n.outputs(), n.blocks(), n.location());
    }
}
