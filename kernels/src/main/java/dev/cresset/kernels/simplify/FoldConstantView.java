package dev.cresset.kernels.simplify;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.tensor.Tensor;
import java.util.Optional;
import java.util.Set;

/** A view of a constant tensor {@code ->} a constant tensor over the same memory. Exact: no element is touched. */
final class FoldConstantView implements TensorRule {
    private static final Set<String> NAMES = Set.of("aten::t", "aten::transpose", "aten::permute", "aten::view", "aten::unsqueeze",
        "aten::squeeze", "aten::select", "aten::slice", "aten::narrow", "aten::expand", "aten::numpy_T", "aten::mT", "aten::detach",
        "aten::alias");

    @Override public Optional<Value> replace(Node node, TensorFacts facts) {
        boolean folds = NAMES.contains(node.kind()) && node.inputs().stream().allMatch(facts::isConstant);
        if (!folds || !(facts.constant(node.input(0)) instanceof Tensor base)) return Optional.empty();
        return facts.run(node).filter(t -> t.storage() == base.storage()).map(t -> facts.constant(t, node.location()));
    }
}
