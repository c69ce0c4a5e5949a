package dev.cresset.ir.passes;

import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import java.util.List;
import java.util.Optional;

/**
 * {@code a', b' = [a, b] -> a, b}, for a list that is used for nothing else and never written: so nobody can have
 * changed
 * it in between. Another number of values stays, to fail when it is reached.
 */
public final class UnpackList implements NodeRule {
    @Override public Optional<Replacement> replace(Node node, Facts facts) {
        if (!node.is(Kinds.LIST_UNPACK)) return Optional.empty();
        Value list = node.input(0);
        Optional<Node> made = facts.definedBy(Kinds.LIST_CONSTRUCT, list);
        if (made.isEmpty() || facts.useCount(list) != 1 || facts.sharing().isWritten(list)) return Optional.empty();
        List<Value> elements = made.get().inputs();
        if (elements.size() != node.outputs().size()) return Optional.empty();
        for (int i = 0; i < elements.size(); i++) {
            if (!Peephole.canReplace(elements.get(i), node.outputs().get(i))) return Optional.empty();
        }
        return Optional.of(new Replacement(List.of(), elements));
    }
}
