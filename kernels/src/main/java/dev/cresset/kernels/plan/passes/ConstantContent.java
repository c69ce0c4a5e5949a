package dev.cresset.kernels.plan.passes;

import dev.cresset.tensor.Tensor;
import java.util.List;

/** A constant as the elements it has: equal for tensors that see the same memory in the same way. */
public record ConstantContent(Object storage, long offset, List<Long> sizes, List<Long> strides) {
    /** Null for null. */
    public static ConstantContent of(Tensor t) {
        return t == null ? null : new ConstantContent(t.storage().content(), t.offset(), t.type().sizes(), t.type().strides());
    }
}
