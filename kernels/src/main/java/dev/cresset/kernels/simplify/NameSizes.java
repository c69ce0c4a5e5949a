package dev.cresset.kernels.simplify;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.kernels.value.ScriptList;
import java.util.Optional;

/**
 * {@code expand_as(x, y) -> expand(x, sizes)}, {@code type_as(x, y) -> to(x, type)} and the like, so that they no longer need
 * {@code y}. Exact: of {@code y} they use the sizes or the element type, which are known.
 */
final class NameSizes implements TensorRule {
    @Override public Optional<Value> replace(Node node, TensorFacts facts) {
        ScriptList sizes = ScriptList.ofLongs(TensorFacts.sizes(node.output()));
        return switch (node.kind()) {
            case "aten::view_as" -> facts.make(node.location(), "aten::view", node.input(0), sizes);
            case "aten::reshape_as" -> facts.make(node.location(), "aten::reshape", node.input(0), sizes);
            case "aten::expand_as" -> facts.make(node.location(), "aten::expand", node.input(0), sizes);
            case "aten::type_as" -> facts.make(node.location(), "aten::to.dtype", node.input(0),
                (long) TensorFacts.type(node.output()).dtype().code());
            default -> Optional.empty();
        };
    }
}
