package dev.cresset.kernels.ops.nn;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Cresset's own: operands of one type where a program in 16 bits mixes it with float32. The narrow ones give what is float32 the 16-bit
 * type of another operand, {@code as_type_of} converts between these types both ways; anything else is returned as it is. What is None stays None.
 */
final class MixedOperands implements OpFamily {
    @Override public void declare(Catalog ops) {
        ops.op("cresset::narrow_like(Tensor(a) self, Tensor other) -> Tensor(a)").composite(a -> narrow(a.context(), a.tensor(0), narrowOf(a.tensor(1))));
        ops.op("cresset::narrow_like.optional(Tensor(a)? self, Tensor other) -> Tensor(a)?")
            .composite(a -> narrow(a.context(), a.tensorOrNull(0), narrowOf(a.tensor(1))));
        ops.op("cresset::narrow_like.list(Tensor(a) self, Tensor[] others) -> Tensor(a)")
            .composite(a -> narrow(a.context(), a.tensor(0), narrowOf(a.tensors(1))));
        ops.op("cresset::narrow_list(Tensor[] self, Tensor other) -> Tensor[]").composite(a -> narrow(a, narrowOf(a.tensor(1))));
        ops.op("cresset::narrow_among(Tensor[] self) -> Tensor[]").composite(a -> narrow(a, narrowOf(a.tensors(0))));
        ops.op("cresset::as_type_of(Tensor(a) self, Tensor other) -> Tensor(a)").composite(MixedOperands::asTypeOf);
        ops.op("cresset::as_type_of.optional(Tensor(a)? self, Tensor other) -> Tensor(a)?").composite(MixedOperands::asTypeOf);
    }

    private static boolean isNarrow(ScalarType t) { return t == ScalarType.FLOAT16 || t == ScalarType.BFLOAT16; }

    private static ScalarType narrowOf(Tensor other) { return isNarrow(other.dtype()) ? other.dtype() : null; }

    /** Of the first that is narrow. */
    private static ScalarType narrowOf(List<Tensor> others) {
        return others.stream().map(Tensor::dtype).filter(MixedOperands::isNarrow).findFirst().orElse(null);
    }

    private static Tensor narrow(CallContext context, Tensor self, ScalarType to) {
        return self == null || to == null || self.dtype() != ScalarType.FLOAT32 ? self : context.tensor("aten::to.dtype", self, to);
    }

    private static ScriptList narrow(Args a, ScalarType to) {
        List<Object> out = new ArrayList<>();
        for (Tensor t : a.tensors(0)) out.add(narrow(a.context(), t, to));
        return new ScriptList(a.list(0).elementType(), out);
    }

    private static Tensor asTypeOf(Args a) {
        Tensor self = a.tensorOrNull(0);
        ScalarType to = a.tensor(1).dtype();
        boolean converts = self != null && self.dtype() != to && (isNarrow(self.dtype()) || self.dtype() == ScalarType.FLOAT32)
            && (isNarrow(to) || to == ScalarType.FLOAT32);
        return converts ? a.context().tensor("aten::to.dtype", self, to) : self;
    }
}
