package dev.cresset.kernels.simplify;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.kernels.value.ScriptList;
import java.util.Optional;
import java.util.Set;

/**
 * {@code view(view(x, a), b) -> view(x, b)}, or {@code x} if it has that shape, for all operators that only change the
 * shape. Exact: both give the elements in row-major order another shape. Whether a copy is needed on the way may differ;
 * types then differ too and it stays.
 */
final class ComposeReshapes implements TensorRule {
    private static final String[] NAMES = {"aten::view", "aten::_unsafe_view", "aten::reshape", "aten::flatten", "aten::unsqueeze",
        "aten::squeeze", "aten::unflatten", "aten::ravel"};

    @Override public Optional<Value> replace(Node node, TensorFacts facts) {
        if (!Set.of(NAMES).contains(node.kind())) return Optional.empty();
        Value x = facts.call(node.input(0), NAMES).map(inner -> inner.input(0)).orElse(null);
        if (x == null || TensorFacts.isSameType(x, node.output())) return Optional.ofNullable(x);
        return facts.make(node.location(), "aten::view", x, ScriptList.ofLongs(TensorFacts.sizes(node.output())));
    }
}
