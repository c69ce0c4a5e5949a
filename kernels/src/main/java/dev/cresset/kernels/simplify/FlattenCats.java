package dev.cresset.kernels.simplify;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.tensor.Shapes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@code cat(cat(a, b), c) -> cat(a, b, c)} along the same dimension, if the inner one is used nowhere else. Exact: each
 * element ends in the same place. Parts of another element type or without elements, which cat treats in ways of its own,
 * stay.
 */
final class FlattenCats implements TensorRule {
    private static final String[] NAMES = {"aten::cat", "aten::concat", "aten::concatenate"};

    @Override public Optional<Value> replace(Node node, TensorFacts facts) {
        if (!Set.of(NAMES).contains(node.kind()) || !isPlain(node, facts)) return Optional.empty();
        List<Value> parts = new ArrayList<>();
        boolean changed = false;
        for (Value part : facts.elements(node.input(0)).orElseThrow()) {
            Optional<Node> inner = facts.call(part, NAMES)
                .filter(n -> facts.isUsedOnce(n.output()) && isPlain(n, facts) && dim(n, facts) == dim(node, facts));
            changed |= inner.isPresent();
            if (inner.isPresent()) parts.addAll(facts.elements(inner.get().input(0)).orElseThrow());
            else parts.add(part);
        }
        if (!changed) return Optional.empty();
        return facts.make(node.location(), "aten::cat", facts.constant(parts, node.location()), (long) dim(node, facts));
    }

    private static boolean isPlain(Node n, TensorFacts facts) {
        if (facts.elements(n.input(0)).isEmpty() || !facts.isConstant(n.input(1))) return false;
        ScalarType type = TensorFacts.type(n.output()).dtype();
        return facts.elements(n.input(0)).get().stream().map(TensorFacts::type)
            .allMatch(t -> t.dtype() == type && !t.sizes().contains(0L));
    }

    private static int dim(Node n, TensorFacts facts) {
        return Shapes.wrapDim((Long) facts.constant(n.input(1)), TensorFacts.sizes(n.output()).length);
    }
}
