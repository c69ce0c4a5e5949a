package dev.cresset.ir.passes;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.type.SimpleType;
import java.util.Optional;

/**
 * {@code not not b -> b} for a bool. Exact: a bool has two values. A tensor stays, since {@code not} takes its
 * truth value.
 */
public final class DropDoubleNot implements NodeRule {
    private static final String NOT = "aten::__not__";

    @Override public Optional<Replacement> replace(Node node, Facts facts) {
        if (!node.is(NOT)) return Optional.empty();
        return facts.definedBy(NOT, node.input(0)).map(inner -> inner.input(0))
            .filter(b -> b.type() == SimpleType.BOOL).flatMap(Replacement::by);
    }
}
