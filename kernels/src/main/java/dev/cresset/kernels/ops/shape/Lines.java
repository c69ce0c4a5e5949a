package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.ops.CudaIndexing;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;

/** Walking along one dimension of tensors whose other dimensions an index follows: what gather, scatter and the index_… operators share. */
final class Lines {
    private Lines() {}

    /** Element offsets of all positions of the dimensions from..to-1, row-major. */
    static long[] offsets(long[] strides, long[] sizes, int from, int to) {
        long[] out = {0};
        for (int d = from; d < to; d++) {
            long[] next = new long[Math.toIntExact(out.length * sizes[d])];
            int at = 0;
            for (long base : out) for (long i = 0; i < sizes[d]; i++) next[at++] = base + i * strides[d];
            out = next;
        }
        return out;
    }

    /** A tensor with at least one dimension. */
    static Tensor line(Tensor t) { return t.dim() == 0 ? Views.unsqueeze(t, 0) : t; }

    /** Checks an index for gather and scatter: {@code other} must be as large in every dimension but {@code dim}. */
    static void checkIndex(String name, Tensor index, Tensor other, String otherName, int dim) {
        if (index.dtype() != ScalarType.INT64) throw new ScriptError(name + "(): Expected dtype int64 for index");
        if (index.dim() != other.dim()) {
            throw new ScriptError("Index tensor must have the same number of dimensions as " + otherName + " tensor");
        }
        for (int d = 0; d < index.dim(); d++) {
            if (d != dim && index.sizes()[d] > other.sizes()[d]) {
                throw new ScriptError("Size does not match at dimension " + d + " expected index "
                    + Arrays.toString(index.sizes())
                    + " to be smaller than " + otherName + " " + Arrays.toString(other.sizes())
                    + " apart from dimension " + dim);
            }
        }
    }

    static long inBounds(long i, long size, int dim) {
        if (i < 0 || i >= size) throw IndexList.outOfBounds(i, dim, size);
        return i;
    }

    /** What of the source an index of this shape speaks of. */
    static Tensor part(Tensor src, Tensor index) { return src.view(index.sizes(), src.strides()); }

    /** The index as a device has it. @param wraps its elements may count from the end */
    static CudaIndexing.Axis axis(Tensor index, Tensor self, int dim, boolean wraps) {
        return new CudaIndexing.Axis(index, self.sizes()[dim], self.strides()[dim], wraps);
    }
}
