package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import java.util.Optional;

/** What operators say of a tensor of which only element type, device and number of dimensions are known. */
final class TypeQueries {
    private TypeQueries() {}

    /** The answer of an operator with one argument of this type; empty if it is no such question, or takes more to answer. */
    static Optional<Fact> answer(Node node, TensorType t) {
        if (t.dtype() == null || t.device() == null || t.sizes() == null) return Optional.empty();
        return Optional.ofNullable(switch (node.kind()) {
            case "aten::dim" -> new Fact.Known((long) t.sizes().size(), SimpleType.INT);
            case "prim::dtype" -> new Fact.Known((long) t.dtype().code(), SimpleType.INT);
            case "prim::device" -> new Fact.Known(t.device(), SimpleType.DEVICE);
            case "prim::is_cuda" -> bool(t.device().isCuda());
            case "aten::is_floating_point" -> bool(t.dtype().isFloating());
            case "aten::is_complex" -> bool(t.dtype().isComplex());
            default -> null;
        });
    }

    private static Fact bool(boolean value) { return new Fact.Known(value, SimpleType.BOOL); }
}
