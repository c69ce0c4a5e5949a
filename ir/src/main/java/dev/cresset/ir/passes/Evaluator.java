package dev.cresset.ir.passes;

import dev.cresset.ir.graph.Node;
import java.util.List;
import java.util.Optional;

/** Computes a node whose inputs are known. The runtime supplies it: ir has no operators of its own. */
@FunctionalInterface
public interface Evaluator {
    /**
     * The outputs of a node for these inputs (None is null), or empty if it cannot be computed or fails.
     *
     * @param node           an operator or structural node without blocks, without effects and always giving the
     * same result
     * @param constantInputs the values of its inputs, as {@code prim::Constant} nodes hold them
     */
    Optional<List<Object>> evaluate(Node node, List<Object> constantInputs);
}
