package dev.cresset.kernels.fuse;

import dev.cresset.tensor.Tensor;
import java.util.List;

/**
 * Views: the operator itself, run on a row-major tensor without memory, says which element of its input each element of the
 * result is. How the input really lies does not matter for that; where a copy would be made, none is.
 */
final class ViewRule {
    private ViewRule() {}

    static List<Term> apply(OperatorCall c) {
        Object result = c.run();
        List<?> views = result instanceof List<?> list ? list : List.of(result);
        return views.stream().map(v -> view(c.in(0), (Tensor) v)).toList();
    }

    private static Term view(Term base, Tensor t) {
        if (t.numel() == 0) throw new CannotFuse("no elements");
        return new Term.View(base, t.offset(), t.strides(), t.sizes());
    }
}
