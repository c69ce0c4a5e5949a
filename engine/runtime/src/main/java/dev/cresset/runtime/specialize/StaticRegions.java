package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.schema.OperatorTable;
import dev.cresset.ir.type.Device;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gathers runs of operator calls on tensors of known shapes into {@code prim::StaticSubgraph} nodes. Between them stays
 * what writes memory, has effects, or depends on what is not known; what only passes values on is moved before or behind a
 * run. A subgraph returns fresh tensors only: views that are needed outside are made outside.
 *
 * <pre>{@code
 * %a = aten::mm(%x, %w)
 * %b = aten::relu(%a)          →     %b = prim::StaticSubgraph_0(%x)
 * %n = aten::item(%b)                %n = aten::item(%b)
 * }</pre>
 */
public final class StaticRegions {
    private final StaticNodes statics;
    private final SubgraphBuilder subgraphs;

    private StaticRegions(Map<Value, Tensor> tensors, OperatorTable operators, Device device) {
        statics = new StaticNodes(tensors, device);
        subgraphs = new SubgraphBuilder(statics, operators);
    }

    /**
     * @param tensors the mirrors of the graph's tensor values
     * @param device  on which all tensors of a run are to be; null if there is no other than the host
     */
    public static Graph form(Graph graph, Map<Value, Tensor> tensors, OperatorTable operators, Device device) {
        return new Graph(new StaticRegions(tensors, operators, device).block(graph.body()));
    }

    private Block block(Block b) {
        List<Node> out = new ArrayList<>();
        Set<Value> needed = usedOutside(b);
        StaticRun run = new StaticRun();
        List<Node> nodes = b.nodes();
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            statics.note(node);
            Node unpack = i + 1 < nodes.size() && StaticNodes.unpacks(node, nodes.get(i + 1)) ? nodes.get(i + 1) : null;
            if (statics.isStatic(node, unpack)) {
                if (run.comesAfter(node)) run = flush(run, out, nodes.subList(i, nodes.size()), needed);
                run.members.add(node);
                run.defined.addAll(node.outputs());
                if (unpack == null) continue;
                run.members.add(unpack);
                run.defined.addAll(unpack.outputs());
                i++;
            } else if (node.is(Kinds.LIST_CONSTRUCT) && statics.isStaticInput(node.output()) && !run.comesAfter(node)) {
                run.add(node);
            } else if (StaticNodes.isTransparent(node)) {
                run.pass(node);
            } else {
                run = flush(run, out, nodes.subList(i, nodes.size()), needed);
                out.add(node.blocks().isEmpty() ? node : node.withBlocks(node.blocks().stream().map(this::block).toList()));
            }
        }
        flush(run, out, List.of(), needed);
        return new Block(b.params(), out, b.returns());
    }

    // ---- closing a run

    private Set<Value> usedOutside(Block b) {
        Set<Value> used = Collections.newSetFromMap(new IdentityHashMap<>());
        used.addAll(b.returns());
        return used;
    }

    private StaticRun flush(StaticRun run, List<Node> out, List<Node> rest, Set<Value> returned) {
        Set<Value> used = Collections.newSetFromMap(new IdentityHashMap<>());
        used.addAll(returned);
        collect(run.before, used);
        collect(run.after, used);
        collect(rest, used);
        if (!computes(run.members)) collect(run.members, used);
        List<Node> lists = run.lists.stream().filter(n -> used.contains(n.output())).toList();
        collect(lists, used);
        out.addAll(run.before);
        if (computes(run.members)) {
            region(run, out, used);
            out.addAll(lists);
        } else {
            interleave(run.members, lists, out);
        }
        out.addAll(run.after);
        return new StaticRun();
    }

    /** Nodes and the lists they use, each list before its first user. */
    private static void interleave(List<Node> members, List<Node> lists, List<Node> out) {
        List<Node> open = new ArrayList<>(lists);
        for (Node n : members) {
            for (Node list : List.copyOf(open)) {
                if (!n.inputs().contains(list.output())) continue;
                out.add(list);
                open.remove(list);
            }
            out.add(n);
        }
        out.addAll(open);
    }

    /** True if a run does more than make views. */
    private boolean computes(List<Node> members) {
        for (int i = 0; i < members.size(); i++) {
            Node n = members.get(i);
            Node source = n.is(Kinds.LIST_UNPACK) ? members.get(i - 1) : n;
            if (n.outputs().stream().anyMatch(v -> statics.isFresh(v, source))) return true;
        }
        return false;
    }

    private void region(StaticRun run, List<Node> out, Set<Value> used) {
        RegionResults outside = new RegionResults(statics, run.members);
        for (Node n : run.members) for (Value v : n.outputs()) if (used.contains(v) && statics.isTensor(v)) outside.require(v);
        for (Node n : run.members) for (Value v : n.outputs()) if (used.contains(v) && !statics.isTensor(v)) outside.views.add(n);
        if (!outside.results.isEmpty()) out.add(subgraphs.of(run.members, List.copyOf(outside.results)));
        run.members.stream().filter(outside.views::contains).forEach(out::add);
    }

    /** Adds what nodes and the blocks in them use. */
    static void collect(List<Node> nodes, Set<Value> used) {
        for (Node n : nodes) {
            used.addAll(n.inputs());
            for (Block b : n.blocks()) {
                used.addAll(b.returns());
                collect(b.nodes(), used);
            }
        }
    }
}
