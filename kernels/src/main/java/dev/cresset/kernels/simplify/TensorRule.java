package dev.cresset.kernels.simplify;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import java.util.Optional;

/**
 * One exact law about an operator with one tensor result: what may stand for the result. The runner checks that it is of
 * the same type, and makes no result of the graph an alias of anything, so a rule need not.
 */
@FunctionalInterface
interface TensorRule {
    /** The value that stands for {@code node.output()}, or empty if the law does not apply. */
    Optional<Value> replace(Node node, TensorFacts facts);
}
