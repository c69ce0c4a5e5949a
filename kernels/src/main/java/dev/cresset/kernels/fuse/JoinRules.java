package dev.cresset.kernels.fuse;

import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Views;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Concatenations: each part is written to its place. Parts of different sizes would need loops of their own. */
final class JoinRules {
    static final Map<String, FusionRule> TABLE = Map.of("aten::cat", JoinRules::cat, "aten::concat", JoinRules::cat,
        "aten::concatenate", JoinRules::cat, "aten::stack", JoinRules::stack, "aten::_stack", JoinRules::stack);

    private JoinRules() {}

    private static List<Term> cat(OperatorCall c) {
        List<Term> parts = c.tensors(0);
        return join(c, parts, Shapes.wrapDim(c.int64(1), c.sizes(0).length));
    }

    private static List<Term> stack(OperatorCall c) {
        int dim = Shapes.wrapDim(c.int64(1), c.sizes(0).length);
        return join(c, c.tensors(0).stream().map(t -> t.reshaped(Views.with(t.sizes(), dim, 1))).toList(), dim);
    }

    private static List<Term> join(OperatorCall c, List<Term> parts, int dim) {
        List<Term> converted = new ArrayList<>();
        for (Term t : parts) {
            if (!Arrays.equals(t.sizes(), parts.getFirst().sizes())) throw new CannotFuse("parts of different sizes");
            converted.add(t.to(c.type(0)));
        }
        return List.of(new Term.Join(converted, dim, c.type(0), c.sizes(0)));
    }
}
