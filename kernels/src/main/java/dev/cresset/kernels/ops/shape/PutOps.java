package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;

/** Elements written to places that count through a tensor as if it had one dimension. */
final class PutOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        ops.op("aten::put_(Tensor(a!) self, Tensor index, Tensor source, bool accumulate=False) -> Tensor(a!)")
            .composite(a -> put(a, a.tensor(0)));
        ops.op("aten::put(Tensor self, Tensor index, Tensor source, bool accumulate=False) -> Tensor")
            .composite(a -> put(a, ViewOps.copy(a.context(), a.tensor(0))));
    }

    private static Tensor put(Args a, Tensor self) {
        Tensor source = a.tensor(2);
        if (source.numel() != a.tensor(1).numel()) {
            throw new ScriptError("put_(): Expected source and index to have the same number of elements, but got "
                + "source.numel() = "
                + source.numel() + ", index.numel() = " + a.tensor(1).numel());
        }
        if (source.dtype() != self.dtype()) throw new ScriptError("put_(): self and source expected to have the "
            + "same dtype, but got self.dtype = "
            + self.dtype().printName() + " and source.dtype = " + source.dtype().printName());
        Reduce reduce = a.bool(3) ? Reduce.ADD : Reduce.ASSIGN;
        CallContext c = a.context();
        if (c.isOnDevice()) {
            Tensor target = ViewOps.contiguous(c, self);
            Combine.onDevice(c, Views.view(target, -1), 0, ViewOps.reshape(c, c.here(a.tensor(1)), -1), true, ViewOps.reshape(c, source, -1), reduce,
                PutOps::unputtable);
            if (target != self) Elementwise.copy(c, target, self);
            return self;
        }
        long[] index = IndexList.longs(a.tensor(1));
        long[] places = Lines.offsets(self.strides(), self.sizes(), 0, self.dim());
        long[] from = Lines.offsets(source.strides(), source.sizes(), 0, source.dim());
        for (int i = 0; i < index.length; i++) {
            long at = index[i] < 0 ? index[i] + places.length : index[i];
            if (at < 0 || at >= places.length) throw unputtable(index[i], places.length);
            reduce.element(self.dtype(), self.data(), self.offset() + places[(int) at], source.data(),
                source.offset() + from[i]);
        }
        return self;
    }

    private static ScriptError unputtable(long index, long elements) {
        return new ScriptError("put_(): index " + index + " is out of range for " + elements + " elements");
    }
}
