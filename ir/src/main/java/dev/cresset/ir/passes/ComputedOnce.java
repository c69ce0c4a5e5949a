package dev.cresset.ir.passes;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Effects;
import dev.cresset.ir.rewrite.Sharing;
import dev.cresset.ir.text.OpaqueText;

/**
 * Which nodes may be computed once where a graph computes them several times from the same values: those without an
 * effect that always give the same result. If memory is involved, nothing may write it anywhere in the graph, and nobody
 * outside may be able to tell one new tensor from two.
 */
final class ComputedOnce {
    private final Sharing sharing;

    ComputedOnce(Graph graph) { sharing = Sharing.of(graph); }

    boolean suffices(Node n) {
        if (n.outputs().isEmpty() || n.subgraph().isPresent() || !Effects.isPure(n) || Effects.isNondeterministic(n)) {
            return false;
        }
        if (n.is(Kinds.CREATE_OBJECT) || n.is(Kinds.UNINITIALIZED)) return false;
        return n.inputs().stream().noneMatch(sharing::isWritten) && n.outputs().stream().allMatch(v -> mayBeOne(n, v));
    }

    /** False if two nodes that look the same may differ: the text of an opaque constant need not be the same tensor. */
    static boolean isComparable(Node n) { return !(n.attribute("value") instanceof OpaqueText); }

    private boolean mayBeOne(Node n, Value output) {
        if (!output.type().isMutable()) return true;
        if (sharing.isWritten(output) || sharing.isReturned(output)) return false;
        boolean isPart = n.is(Kinds.GET_ATTR) || n.is(Kinds.CONSTANT) || n.operator() != null
            && n.operator().schema().hasAliasedReturn();
        return isPart || !sharing.reachesOutside(output);
    }
}
