package dev.cresset.ir.passes;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import java.util.List;
import java.util.Optional;

/** One exact law about a node: what may stand in its place. */
@FunctionalInterface
public interface NodeRule {
    /**
     * @param nodes   what is put in place of the node; may be empty
     * @param outputs what stands for each of the node's outputs
     */
    record Replacement(List<Node> nodes, List<Value> outputs) {
        static Optional<Replacement> by(Value... outputs) {
            return Optional.of(new Replacement(List.of(), List.of(outputs)));
        }
    }

    /** The replacement, or empty if the law does not apply. */
    Optional<Replacement> replace(Node node, Facts facts);
}
