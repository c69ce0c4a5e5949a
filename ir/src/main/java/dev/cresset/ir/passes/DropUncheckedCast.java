package dev.cresset.ir.passes;

import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import java.util.Optional;

/**
 * {@code unchecked_cast(x) -> x} if both have the same type. A cast that tells more of the type stays: later
 * rules need it.
 */
public final class DropUncheckedCast implements NodeRule {
    @Override public Optional<Replacement> replace(Node node, Facts facts) {
        if (!node.is(Kinds.UNCHECKED_CAST) || !node.input(0).type().equals(node.output().type())) {
            return Optional.empty();
        }
        return Replacement.by(node.input(0));
    }
}
