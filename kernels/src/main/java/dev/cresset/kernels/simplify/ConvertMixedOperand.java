package dev.cresset.kernels.simplify;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import java.util.Optional;
import java.util.Set;

/** {@code narrow_like(x, y)}, {@code as_type_of(x, y) -> to(x, dtype)} where the types are known and differ: an operator that can be fused. Exact: it is what they do. */
final class ConvertMixedOperand implements TensorRule {
    private static final Set<String> NAMES = Set.of("cresset::narrow_like", "cresset::as_type_of");

    @Override public Optional<Value> replace(Node node, TensorFacts facts) {
        if (!NAMES.contains(node.kind()) || TensorFacts.isSameType(node.input(0), node.output())) return Optional.empty();
        return facts.make(node.location(), "aten::to.dtype", node.input(0), (long) TensorFacts.type(node.output()).dtype().code());
    }
}
