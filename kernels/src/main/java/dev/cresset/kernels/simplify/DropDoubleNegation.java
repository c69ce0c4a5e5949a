package dev.cresset.kernels.simplify;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import java.util.Optional;

/** {@code -(-x) -> x}. Exact: it changes the sign bit twice; integers wrap both times. */
final class DropDoubleNegation implements TensorRule {
    private static final String[] NAMES = {"aten::neg", "aten::negative"};

    @Override public Optional<Value> replace(Node node, TensorFacts facts) {
        if (!node.is(NAMES[0]) && !node.is(NAMES[1])) return Optional.empty();
        return facts.call(node.input(0), NAMES).map(inner -> inner.input(0));
    }
}
