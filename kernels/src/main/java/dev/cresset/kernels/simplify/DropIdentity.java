package dev.cresset.kernels.simplify;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import java.util.Optional;

/**
 * {@code x·1, x/1, x-0, x^1 -> x}, and {@code x+0} for integers. Exact, also for NaN, infinities and -0.0; but not
 * {@code x+0} for floats, since -0.0 + 0 is 0. A conversion (an int times 1.0) changes the type and so stays.
 */
final class DropIdentity implements TensorRule {
    @Override public Optional<Value> replace(Node node, TensorFacts facts) {
        boolean drops = switch (node.operator().schema().qualifiedName()) {
            case "aten::mul.Scalar", "aten::div.Scalar", "aten::pow.Tensor_Scalar" -> is(node, 1, 1, facts);
            case "aten::sub.Scalar" -> is(node, 1, 0, facts) && is(node, 2, 1, facts) && !isNegativeZero(node, facts);
            case "aten::add.Scalar" -> is(node, 1, 0, facts) && is(node, 2, 1, facts)
                && (!TensorFacts.isFloating(node.output()) || isNegativeZero(node, facts));
            default -> false;
        };
        return drops ? Optional.of(node.input(0)) : Optional.empty();
    }

    private static boolean is(Node node, int argument, double number, TensorFacts facts) {
        return facts.number(node.input(argument)).filter(v -> v == number).isPresent();
    }

    private static boolean isNegativeZero(Node node, TensorFacts facts) {
        return facts.number(node.input(1)).filter(v -> Double.compare(v, -0.0) == 0).isPresent();
    }
}
