package dev.cresset.ir.passes;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.Type;
import java.util.Optional;

/**
 * {@code Int(i) -> i}, {@code Float(f) -> f}, {@code Bool(b) -> b} for values of that very type. Exact: nothing
 * converts.
 */
public final class DropSameTypeCast implements NodeRule {
    @Override public Optional<Replacement> replace(Node node, Facts facts) {
        Type target = switch (node.kind()) {
            case "aten::Int" -> SimpleType.INT;
            case "aten::Float" -> SimpleType.FLOAT;
            case "aten::Bool" -> SimpleType.BOOL;
            default -> null;
        };
        if (target == null || node.inputs().size() != 1 || node.input(0).type() != target) return Optional.empty();
        return Replacement.by(node.input(0));
    }
}
