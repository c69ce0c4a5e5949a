package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.type.Type;
import java.util.List;
import java.util.Set;

/** Calls that return their first argument itself, whatever it is: dropout in inference. */
final class Identities {
    private static final Set<String> DROPOUTS = Set.of("aten::dropout", "aten::feature_dropout", "aten::alpha_dropout", "aten::feature_alpha_dropout");

    private Identities() {}

    static boolean isInput(Node node, List<Fact> in) {
        return DROPOUTS.contains(node.kind()) && in.get(2) instanceof Fact.Known(Object training, Type _) && Boolean.FALSE.equals(training)
            && in.get(1) instanceof Fact.Known(Object p, Type _) && p instanceof Double d && d >= 0 && d <= 1;   // else it is an error
    }
}
