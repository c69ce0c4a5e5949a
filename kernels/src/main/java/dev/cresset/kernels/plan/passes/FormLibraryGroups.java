package dev.cresset.kernels.plan.passes;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Pass;
import dev.cresset.ir.rewrite.PassContext;
import dev.cresset.ir.rewrite.Uses;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.cpu.onednn.PostOps;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * Puts a convolution or matrix product together with the pointwise operators that follow it, which the library does
 * before it writes the result. Where sizes are not known, products with a constant matrix and functions of one element only.
 *
 * <pre>{@code
 * %c = aten::conv2d(%x, …)
 * %s = aten::add(%c, %y, 1)          →     %r = prim::LibraryGroup(%x, %y)
 * %r = aten::relu(%s)
 * }</pre>
 *
 * <p>Each result but the last is used once; float32 only. The group says what is done, as a subgraph that could be run
 * node by node; it is the library's rounding that differs in the last bits. On a device {@link DeviceEpilogues} says what
 * may follow which call; all else is left to fusion groups.
 */
public final class FormLibraryGroups implements Pass {
    private static final Set<String> CALLS = Set.of("aten::mm", "aten::bmm", "aten::matmul", "aten::linear", "aten::addmm", "aten::baddbmm",
        "aten::conv1d", "aten::conv2d", "aten::conv3d", "aten::_convolution", "aten::convolution", "aten::conv_transpose1d",
        "aten::conv_transpose2d", "aten::conv_transpose3d");
    private static final Set<String> FUNCTIONS = Set.of("aten::relu", "aten::relu6", "aten::hardtanh", "aten::clamp", "aten::clamp_min",
        "aten::leaky_relu", "aten::elu", "aten::gelu", "aten::sigmoid", "aten::tanh", "aten::silu", "aten::hardsigmoid", "aten::hardswish",
        "aten::neg");
    private static final Set<String> ARITHMETIC = Set.of("aten::add", "aten::sub", "aten::mul", "aten::div", "aten::rsub");
    private static final int LONGEST = 8;   // oneDNN's limit is 32

    private final BiFunction<Graph, Uses, Grouping> grouping;

    public FormLibraryGroups() { this(Grouping::new); }

    private FormLibraryGroups(BiFunction<Graph, Uses, Grouping> grouping) { this.grouping = grouping; }

    /** For graphs whose types are those of a sample: forms what holds for tensors of any sizes, single products among it. */
    public static FormLibraryGroups forAnySizes() { return new FormLibraryGroups(GroupingForAnySizes::new); }

    /** For plans on a CUDA device. */
    public static FormLibraryGroups forDevice() { return new FormLibraryGroups(GroupingForDevice::new); }

    /** True for operators that may be part of a group after a call. */
    static boolean mayFollow(Node n) { return n.operator() != null && (FUNCTIONS.contains(n.kind()) || ARITHMETIC.contains(n.kind())); }

    @Override public Graph run(Graph graph, PassContext context) {
        Grouping g = grouping.apply(graph, Uses.of(graph));
        g.find(context);
        return g.groups.isEmpty() ? graph : graph.withBody(g.rewritten());
    }

    private static class Grouping {
        final Graph graph;
        final Uses uses;
        private final Map<Node, Integer> positions = new IdentityHashMap<>();
        /** By the last node of each. */
        private final Map<Node, List<Node>> groups = new IdentityHashMap<>();
        private final Set<Node> grouped = Collections.newSetFromMap(new IdentityHashMap<>());

        Grouping(Graph graph, Uses uses) {
            this.graph = graph;
            this.uses = uses;
            for (Node n : graph.nodes()) positions.put(n, positions.size());
        }

        void find(PassContext context) {
            for (Node n : graph.nodes()) {
                if (n.operator() == null || grouped.contains(n) || !isCall(n)) continue;
                List<Node> group = grown(n);
                if (group.size() < least() || !context.mayChange()) continue;
                groups.put(group.getLast(), group);
                grouped.addAll(group);
            }
        }

        boolean isCall(Node n) { return CALLS.contains(n.kind()) && !SmallProducts.is(n, uses); }

        /** A call alone is as well off outside of a group. */
        int least() { return 2; }

        private List<Node> grown(Node call) {
            List<Node> group = new ArrayList<>(List.of(call));
            while (group.size() <= LONGEST) {
                Value chain = group.getLast().output();
                if (uses.count(chain) != 1) break;
                Node next = uses.of(chain).getFirst().node();
                if (next == null || grouped.contains(next) || !follows(group, next, chain)) break;
                group.add(next);
            }
            return group;
        }

        /** @param chain what the group gives so far */
        boolean follows(List<Node> group, Node n, Value chain) {
            if (n.operator() == null || n.outputs().size() != 1 || !(chain.type() instanceof TensorType c) || !(n.output().type() instanceof TensorType t)) return false;
            if (c.dtype() != ScalarType.FLOAT32 || t.dtype() != ScalarType.FLOAT32 || !c.sizes().equals(t.sizes())) return false;
            return FUNCTIONS.contains(n.kind()) && n.input(0) == chain || ARITHMETIC.contains(n.kind());
        }

        /** A group stands where its last node stood, so that all it reads is defined. */
        Block rewritten() {
            List<Node> out = new ArrayList<>();
            for (Node n : graph.nodes()) {
                if (groups.containsKey(n)) out.add(GroupNode.of(Kinds.LIBRARY_GROUP, Map.of(), groups.get(n), uses, true));
                else if (!grouped.contains(n)) out.add(n);
            }
            return graph.body().withNodes(out);
        }
    }

    /** Relies on what is the same for all sizes: constants, element types. */
    private static final class GroupingForAnySizes extends Grouping {
        private final KnownValues constants;

        GroupingForAnySizes(Graph graph, Uses uses) {
            super(graph, uses);
            constants = KnownValues.in(uses);
        }

        @Override boolean isCall(Node n) {
            if (!(n.outputs().size() == 1 && n.output().type() instanceof TensorType t && t.isComplete())) return false;
            return t.dtype() == ScalarType.FLOAT32 && (ConstantProduct.of(n, constants) != null || isBatched(n));
        }

        /** A product of two tensors of the run, which is a group of its own. */
        private boolean isBatched(Node n) {
            boolean product = n.kind().equals("aten::matmul") || n.kind().equals("aten::bmm");
            if (!product || n.input(0) == n.input(1) || n.inputs().stream().anyMatch(constants::has)) return false;
            return n.input(0).type() instanceof TensorType a && n.input(1).type() instanceof TensorType b && a.isComplete() && b.isComplete()
                && a.dtype() == ScalarType.FLOAT32 && a.sizes().size() >= 2 && a.sizes().size() == b.sizes().size();
        }

        /** A product alone, too, is faster if no shape needs a primitive of its own. */
        @Override int least() { return 1; }

        @Override boolean follows(List<Node> group, Node n, Value chain) {
            return super.follows(group, n, chain) && !isBatched(group.getFirst()) && ElementFunctions.append(PostOps.NONE, n, chain, constants) != null;
        }
    }

    /** What NVIDIA's libraries do together. */
    private static final class GroupingForDevice extends Grouping {
        GroupingForDevice(Graph graph, Uses uses) { super(graph, uses); }

        @Override boolean isCall(Node n) { return DeviceEpilogues.of(n) != null; }

        @Override boolean follows(List<Node> group, Node n, Value chain) {
            return n.operator() != null && n.outputs().size() == 1 && DeviceEpilogues.of(group.getFirst()).mayFollow(group, n, uses);
        }
    }
}
