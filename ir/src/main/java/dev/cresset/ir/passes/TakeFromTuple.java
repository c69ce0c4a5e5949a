package dev.cresset.ir.passes;

import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import java.util.List;
import java.util.Optional;

/**
 * {@code (a, b)[1] -> b} and {@code a', b' = (a, b) -> a, b}. Exact: tuples do not change. An index out of range
 * stays, to
 * fail when it is reached.
 */
public final class TakeFromTuple implements NodeRule {
    @Override public Optional<Replacement> replace(Node node, Facts facts) {
        if (!node.is(Kinds.TUPLE_UNPACK) && !node.is(Kinds.TUPLE_INDEX)) return Optional.empty();
        Optional<Node> made = facts.definedBy(Kinds.TUPLE_CONSTRUCT, node.input(0));
        if (made.isEmpty()) return Optional.empty();
        List<Value> elements = made.get().inputs();
        return node.is(Kinds.TUPLE_UNPACK) ? unpack(node, elements) : index(node, elements, facts);
    }

    private static Optional<Replacement> unpack(Node node, List<Value> elements) {
        if (elements.size() != node.outputs().size()) return Optional.empty();
        for (int i = 0; i < elements.size(); i++) {
            if (!Peephole.canReplace(elements.get(i), node.outputs().get(i))) return Optional.empty();
        }
        return Optional.of(new Replacement(List.of(), elements));
    }

    private static Optional<Replacement> index(Node node, List<Value> elements, Facts facts) {
        if (!(facts.constant(node.input(1)).orElse(null) instanceof Long index)) return Optional.empty();
        long at = index < 0 ? index + elements.size() : index;
        if (at < 0 || at >= elements.size() || !Peephole.canReplace(elements.get((int) at), node.output())) {
            return Optional.empty();
        }
        return Replacement.by(elements.get((int) at));
    }
}
