package dev.cresset.kernels.plan;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.fuse.FuseGroups;
import dev.cresset.tensor.Shapes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a plan consists of, in numbers.
 *
 * @param operators    calls of operators in the subgraph, views left out
 * @param groups       the groups of operators that one kernel or one call of the library computes
 * @param apart        why operators are not in a group, or not in the group of one that they read; the most frequent first
 * @param steps        what a run does
 * @param chain        how many of the steps one must come after the other; all, if no two of them may run at once
 * @param blockBytes   the memory that all intermediate tensors of a run share
 * @param tensorBytes  the memory that these tensors would take one beside the other
 */
public record PlanSummary(int operators, List<Group> groups, List<Apart> apart, int steps, int chain, long blockBytes, long tensorBytes) {
    public PlanSummary {
        groups = List.copyOf(groups);
        apart = List.copyOf(apart);
    }

    /**
     * Operators computed together.
     *
     * @param generated  true for a kernel generated for them, false for a call of the library with what follows it, and for attention
     * @param operators  their names, views left out: {@code aten::mul}
     * @param savedBytes what the tensors between them would take
     */
    public record Group(boolean generated, List<String> operators, long savedBytes) {
        public Group { operators = List.copyOf(operators); }
    }

    /** One reason. @param count how often it was met */
    public record Apart(String operator, String reason, int count) {}

    private static final String ATTENTION = "cresset::attention";

    /** How many operators are in groups of generated kernels. */
    public int fused() { return groups.stream().filter(Group::generated).mapToInt(g -> g.operators().size()).sum(); }

    /** Bytes of tensors that are never written to memory. */
    public long savedBytes() { return groups.stream().mapToLong(Group::savedBytes).sum(); }

    /** @param graph as its passes left it */
    static PlanSummary of(Graph graph, Frame.Layout layout, List<FuseGroups.Note> notes) {
        List<Group> groups = new ArrayList<>();
        int alone = 0;
        for (Node n : graph.nodes()) {
            if (n.is(Kinds.FUSION_LOOP)) n.subgraph().orElseThrow().nodes().forEach(g -> groups.add(group(g)));
            else if (n.subgraph().isPresent()) groups.add(group(n));
            else if (n.kind().equals(ATTENTION)) groups.add(attention(n));
            else if (computes(n)) alone++;
        }
        int together = groups.stream().mapToInt(g -> g.operators().size()).sum();
        long tensors = layout.buffers().stream().filter(b -> b.kind() == Buffer.Kind.INTERNAL && b.first >= 0).mapToLong(b -> b.bytes).sum();
        int chain = layout.branches() ? StepOrder.ofMemory(layout.steps(), Set.of()).depth() : layout.steps().size();
        return new PlanSummary(alone + together, groups, counted(notes), layout.steps().size(), chain, layout.blockBytes(), tensors);
    }

    /** What a node with a subgraph of complete types computes together. */
    public static Group group(Node n) {
        Graph g = n.subgraph().orElseThrow();
        List<Node> calls = g.nodes().stream().filter(PlanSummary::computes).toList();
        long saved = calls.stream().flatMap(c -> c.outputs().stream()).filter(v -> !g.outputs().contains(v)).mapToLong(PlanSummary::bytes).sum();
        return new Group(n.is(Kinds.FUSION_GROUP) || n.is(Kinds.PRODUCT_GROUP), calls.stream().map(Node::kind).toList(), saved);
    }

    /** Attention as one kernel: neither scores nor weights are written. */
    private static Group attention(Node n) {
        long width = n.output().type() instanceof TensorType t && t.isComplete() ? t.sizes().getLast() : 1;
        long keys = n.input(1).type() instanceof TensorType t && t.isComplete() ? t.sizes().get(t.sizes().size() - 2) : 0;
        return new Group(false, List.of("aten::matmul", "aten::softmax", "aten::matmul"), 2 * bytes(n.output()) / Math.max(1, width) * keys);
    }

    /** True of an operator that returns something fresh: views cost nothing. */
    private static boolean computes(Node n) {
        return n.operator() != null && n.operator().schema().returns().stream().anyMatch(r -> r.alias() == null);
    }

    private static long bytes(Value v) {
        return v.type() instanceof TensorType t && t.isComplete()
            ? Shapes.numel(t.sizes().stream().mapToLong(s -> s).toArray()) * t.dtype().byteSize() : 0;
    }

    private static List<Apart> counted(List<FuseGroups.Note> notes) {
        Map<List<String>, Integer> counts = new LinkedHashMap<>();
        for (FuseGroups.Note n : notes) counts.merge(List.of(n.node().kind(), n.reason()), 1, Integer::sum);
        List<Apart> out = new ArrayList<>();
        counts.forEach((what, n) -> out.add(new Apart(what.get(0), what.get(1), n)));
        out.sort(Comparator.comparingInt(Apart::count).reversed());
        return out;
    }
}
