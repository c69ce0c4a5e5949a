package dev.cresset.kernels.simplify;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Shapes;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * One reordering of dimensions after another {@code ->} one, or none if they cancel: {@code t(t(x)) -> x}. Exact: both give
 * the same view of the same elements.
 */
final class ComposePermutations implements TensorRule {
    private static final String[] NAMES = {"aten::t", "aten::transpose", "aten::permute", "aten::swapaxes", "aten::swapdims",
        "aten::numpy_T", "aten::mT"};

    @Override public Optional<Value> replace(Node node, TensorFacts facts) {
        long[] outer = order(node, facts);
        Optional<Node> inner = outer == null ? Optional.empty() : facts.call(node.input(0), NAMES);
        long[] first = inner.map(n -> order(n, facts)).orElse(null);
        if (first == null) return Optional.empty();
        long[] both = new long[outer.length];
        boolean isIdentity = true;
        for (int d = 0; d < both.length; d++) {
            both[d] = first[(int) outer[d]];
            isIdentity &= both[d] == d;
        }
        Value x = inner.get().input(0);
        return isIdentity ? Optional.of(x) : facts.make(node.location(), "aten::permute", x, ScriptList.ofLongs(both));
    }

    /** Dimension i of the result is this dimension of the input; null if the node does something else or is not known. */
    private static long[] order(Node n, TensorFacts facts) {
        if (!Set.of(NAMES).contains(n.kind()) || !n.inputs().stream().skip(1).allMatch(facts::isConstant)) return null;
        int rank = TensorFacts.type(n.input(0)).sizes().size();
        return switch (n.kind()) {
            case "aten::t" -> rank < 2 ? null : swapped(rank, 0, 1);
            case "aten::mT" -> rank < 2 ? null : swapped(rank, -2, -1);
            case "aten::transpose", "aten::swapaxes", "aten::swapdims" ->
                rank == 0 ? null : swapped(rank, (Long) facts.constant(n.input(1)), (Long) facts.constant(n.input(2)));
            case "aten::numpy_T" -> LongStream.range(0, rank).map(d -> rank - 1 - d).toArray();
            case "aten::permute" ->
                ((List<?>) facts.constant(n.input(1))).stream().mapToLong(d -> Shapes.wrapDim((Long) d, rank)).toArray();
            default -> null;
        };
    }

    private static long[] swapped(int rank, long a, long b) {
        long[] out = LongStream.range(0, rank).toArray();
        out[Shapes.wrapDim(a, rank)] = Shapes.wrapDim(b, rank);
        out[Shapes.wrapDim(b, rank)] = Shapes.wrapDim(a, rank);
        return out;
    }
}
