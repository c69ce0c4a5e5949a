package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.cuda.ops.CudaIndexing;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;
import java.util.List;
import java.util.function.BiFunction;

/** Elements written to the places along one dimension that an index names, each joined with what is there. */
final class Combine {
    private Combine() {}

    /** As {@link #onHost}, on a device. @param index of the shape of {@code src} */
    static void onDevice(CallContext c, Tensor self, int dim, Tensor index, boolean wraps, Tensor src, Reduce reduce,
                         BiFunction<Long, Long, ScriptError> bad) {
        if (self.dtype().isComplex() && (reduce == Reduce.MAX || reduce == Reduce.MIN)) throw Reduce.noOrder();
        CudaIndexing.scatter(c, self, IndexOps.zeroAt(self.strides(), dim), src, new int[] {dim}, List.of(Lines.axis(index, self, dim, wraps)), reduce.join(), bad);
    }

    /** @param shared true if {@code at} has one index for each position of the dimension, else one for each element */
    static void onHost(Tensor self, int dim, long[] at, boolean shared, Tensor src, long[] sizes,
        Reduce reduce) {
        if (shared && rowsAreContiguous(self, dim) && rowsAreContiguous(src, dim)) {
            rows(self, dim, at, src, reduce);
            return;
        }
        long[] outer = Lines.offsets(self.strides(), sizes, 0, dim);
        long[] inner = Lines.offsets(self.strides(), sizes, dim + 1, self.dim());
        long[] outerFrom = Lines.offsets(src.strides(), sizes, 0, dim);
        long[] innerFrom = Lines.offsets(src.strides(), sizes, dim + 1, src.dim());
        long size = self.sizes()[dim];
        int k = 0;
        for (int o = 0; o < outer.length; o++) {
            for (int i = 0; i < sizes[dim]; i++) {
                long from = src.offset() + outerFrom[o] + i * src.strides()[dim];
                for (int n = 0; n < inner.length; n++, k++) {
                    long to = self.offset() + outer[o] + inner[n]
                        + Lines.inBounds(at[shared ? i : k], size, dim) * self.strides()[dim];
                    reduce.element(self.dtype(), self.data(), to, src.data(), from + innerFrom[n]);
                }
            }
        }
    }

    private static boolean rowsAreContiguous(Tensor t, int dim) {
        long step = 1;
        for (int d = t.dim() - 1; d > dim; d--) {
            if (t.strides()[d] != step) return false;
            step *= t.sizes()[d];
        }
        return true;
    }

    private static void rows(Tensor self, int dim, long[] at, Tensor src, Reduce reduce) {
        long[] outer = Lines.offsets(self.strides(), self.sizes(), 0, dim);
        long[] outerFrom = Lines.offsets(src.strides(), src.sizes(), 0, dim);
        long length = 1;
        for (int d = dim + 1; d < self.dim(); d++) length *= self.sizes()[d];
        for (int o = 0; o < outer.length; o++) {
            for (int i = 0; i < at.length; i++) {
                long to = self.offset() + outer[o] + Lines.inBounds(at[i], self.sizes()[dim], dim) * self.strides()[dim];
                reduce.row(self.dtype(), self.data(), to, src.data(),
                    src.offset() + outerFrom[o] + i * src.strides()[dim], length);
            }
        }
    }
}
