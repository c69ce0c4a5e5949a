package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Copies: the same elements in other memory, another layout or another type. */
final class CopyOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        ops.op("aten::clone(Tensor self, *, MemoryFormat? memory_format=None) -> Tensor")
            .kernel(a -> inFormat(a.tensor(0), (int) a.int64Or(1, Shapes.PRESERVE)),
                (a, out) -> Elementwise.copy(a.context(), a.tensor(0), out)).everywhere();
        ops.op("aten::contiguous(Tensor(a) self, *, MemoryFormat memory_format=contiguous_format) -> Tensor(a)")
            .host(a -> a.tensor(0).isContiguous(a.int32(1)) ? a.tensor(0)
                : copied(a, inFormat(a.tensor(0), a.int32(1))));
        ops.op("aten::copy_(Tensor(a!) self, Tensor src, bool non_blocking=False) -> Tensor(a!)")
            .host(CopyOps::copyInto);
        ops.op("aten::copy_.Tensor(Tensor(a!) self, Tensor other) -> Tensor(a!)").host(CopyOps::copyInto);
        for (String number : List.of("int", "float")) {
            ops.op("aten::copy_." + number + "(Tensor(a!) self, " + number + " other) -> Tensor(a!)")
                .host(a -> Fill.any(a.context(), a.tensor(0), a.get(1)));
        }
    }

    /** The layout of a tensor in a memory format; PRESERVE keeps a dense layout. */
    static Meta inFormat(Tensor t, int memoryFormat) {
        if (memoryFormat == Shapes.PRESERVE) return Meta.like(t);
        return new Meta(t.dtype(), t.sizes(), Shapes.strides(t.sizes(), memoryFormat));
    }

    private static Tensor copied(Args a, Meta meta) {
        Tensor out = a.context().empty(meta);
        Elementwise.copy(a.context(), a.tensor(0), out);
        return out;
    }

    private static Tensor copyInto(Args a) {
        Tensor self = a.tensor(0);
        Tensor source = a.tensor(1);
        long[] shape = Shapes.broadcast(self.sizes(), source.sizes());
        if (!Arrays.equals(shape, self.sizes())) {
            throw new ScriptError("output with shape " + Arrays.toString(self.sizes())
                + " doesn't match the broadcast shape " + Arrays.toString(shape));
        }
        if (self != source) {
            boolean overlaps = self.storage() == source.storage();
            Tensor from = overlaps ? a.context().tensor("aten::clone", source) : a.context().place(source, self.device());
            Elementwise.copy(a.context(), from, self);
        }
        return self;
    }
}
