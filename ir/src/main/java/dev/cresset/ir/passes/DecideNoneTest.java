package dev.cresset.ir.passes;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.Type;
import dev.cresset.ir.type.VarType;
import java.util.List;
import java.util.Optional;

/**
 * {@code x is None -> False}, {@code x is not None -> True} if the type of {@code x} does not admit None, and the
 * opposite if {@code x} is None by its type. Exact: values have their static types. An Optional, Any or a union with
 * None stays.
 */
public final class DecideNoneTest implements NodeRule {
    @Override public Optional<Replacement> replace(Node node, Facts facts) {
        boolean is = node.is("aten::__is__");
        if (!is && !node.is("aten::__isnot__")) return Optional.empty();
        return other(node).flatMap(DecideNoneTest::isNone).map(none -> {
            Value answer = new Value(SimpleType.BOOL, node.output().hint());
            return new Replacement(List.of(Node.constant(none == is, answer, node.location())), List.of(answer));
        });
    }

    /** The type that is compared with None. */
    private static Optional<Type> other(Node node) {
        Type a = node.input(0).type();
        Type b = node.input(1).type();
        if (b == SimpleType.NONE) return Optional.of(a);
        return a == SimpleType.NONE ? Optional.of(b) : Optional.empty();
    }

    private static Optional<Boolean> isNone(Type type) {
        if (type == SimpleType.NONE) return Optional.of(true);
        boolean unclear = type == SimpleType.UNKNOWN || type instanceof VarType || type.admitsNone();
        return unclear ? Optional.empty() : Optional.of(false);
    }
}
