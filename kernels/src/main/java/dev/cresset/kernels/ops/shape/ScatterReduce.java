package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;
import java.util.function.BiFunction;

/** scatter_reduce and index_reduce: with means, and with places that take part without their own content. */
final class ScatterReduce {
    private ScatterReduce() {}

    static Tensor run(Args a, Tensor target, Tensor indexArgument, Tensor source) {
        Tensor self = Lines.line(target);
        Tensor index = Lines.line(indexArgument);
        Tensor src = Lines.line(source);
        String name = a.str(4);
        Reduce reduce = Reduce.named(name);
        if (index.numel() == 0) return target;
        int dim = Shapes.wrapDim(a.int64(1), self.dim());
        if (src.dtype() != self.dtype()) {
            throw new ScriptError("scatter(): Expected self.dtype to be equal to src.dtype");
        }
        Lines.checkIndex("scatter", index, self, "self", dim);
        Lines.checkIndex("scatter", index, src, "src", -1);
        if (a.context().isOnDevice()) {
            reduceOnDevice(a.context(), self, dim, a.context().here(index), Lines.part(src, index), reduce, name.equals("mean"), a.bool(5));
            return target;
        }
        long[] rowMajor = Shapes.contiguousStrides(self.sizes());
        long[] outer = Lines.offsets(rowMajor, index.sizes(), 0, dim);
        long[] inner = Lines.offsets(rowMajor, index.sizes(), dim + 1, self.dim());
        long[] places = Lines.offsets(self.strides(), self.sizes(), 0, self.dim());
        long[] from = Lines.offsets(src.strides(), index.sizes(), 0, src.dim());
        long[] at = IndexList.longs(index);
        int[] counts = new int[places.length];
        if (a.bool(5)) Arrays.fill(counts, 1);
        int k = 0;
        for (long o : outer) {
            for (int i = 0; i < index.sizes()[dim]; i++) {
                for (long n : inner) {
                    int place = (int) (o + n + Lines.inBounds(at[k], self.sizes()[dim], dim) * rowMajor[dim]);
                    // without self the first element replaces what is there
                    Reduce how = counts[place]++ == 0 ? Reduce.ASSIGN : reduce;
                    how.element(self.dtype(), self.data(), self.offset() + places[place], src.data(),
                        src.offset() + from[k]);
                    k++;
                }
            }
        }
        if (name.equals("mean")) divide(self, places, counts);
        return target;
    }

    /** Places that take part without their own content begin with what changes nothing; a mean divides by the counts. */
    private static void reduceOnDevice(CallContext c, Tensor self, int dim, Tensor index, Tensor src, Reduce reduce, boolean mean, boolean includeSelf) {
        BiFunction<Long, Long, ScriptError> bad = (i, n) -> IndexList.outOfBounds(i, dim, n);
        if (!includeSelf) {
            Tensor neutral = Views.expand(Fill.scalar(c, self.dtype(), reduce.neutral(self.dtype())), src.sizes());
            Combine.onDevice(c, self, dim, index, false, neutral, Reduce.ASSIGN, bad);
        }
        Combine.onDevice(c, self, dim, index, false, src, reduce, bad);
        if (!mean) return;
        Tensor counts = Fill.dense(c, c.empty(ScalarType.INT64, self.sizes()), includeSelf ? 1L : 0L);
        Tensor one = Views.expand(Fill.scalar(c, ScalarType.INT64, 1L), src.sizes());
        Combine.onDevice(c, counts, dim, index, false, one, Reduce.ADD, bad);
        c.call("aten::clamp_min_", counts, 1L);
        Elementwise.copy(c, c.tensor("aten::div.Tensor_mode", self, counts, self.dtype().isIntegral() ? "floor" : null), self);
    }

    private static void divide(Tensor t, long[] places, int[] counts) {
        for (int i = 0; i < places.length; i++) {
            if (counts[i] <= 1) continue;
            long at = t.offset() + places[i];
            if (t.dtype().isFloating()) {
                Elements.setDouble(t.data(), t.dtype(), at, Elements.getDouble(t.data(), t.dtype(), at) / counts[i]);
            } else {
                Elements.setLong(t.data(), t.dtype(), at,
                    Math.floorDiv(Elements.getLong(t.data(), t.dtype(), at), (long) counts[i]));
            }
        }
    }
}
