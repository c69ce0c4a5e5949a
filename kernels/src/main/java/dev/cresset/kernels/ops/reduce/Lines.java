package dev.cresset.kernels.ops.reduce;

import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;

/** The lines of a tensor along one dimension, numbered row-major over the other dimensions. A 0-dim tensor is a line of one element. */
final class Lines {
    private final long[] sizes;
    private final int dim;
    private final long count;

    Lines(Tensor t, long dim) {
        sizes = t.sizes();
        this.dim = Shapes.wrapDim(dim, t.dim());
        long n = 1;
        for (int d = 0; d < sizes.length; d++) if (d != this.dim) n *= sizes[d];
        count = n;
    }

    int dim() { return dim; }

    long count() { return count; }

    /** Elements of a line. */
    int length() { return sizes.length == 0 ? 1 : Math.toIntExact(sizes[dim]); }

    /** The stride of a line in a row-major tensor, also where its dimension is of size 1 and the tensor's own stride says nothing. */
    long rowMajorStride() {
        long n = 1;
        for (int d = dim + 1; d < sizes.length; d++) n *= sizes[d];
        return n;
    }

    /** Position of a line's first element in a tensor that has the same sizes, but for the line's dimension. */
    long at(Tensor t, long line) {
        long at = t.offset();
        long rest = line;
        for (int d = sizes.length - 1; d >= 0; d--) {
            if (d == dim) continue;
            at += rest % sizes[d] * t.strides()[d];
            rest /= sizes[d];
        }
        return at;
    }

    long stride(Tensor t) { return t.dim() == 0 ? 1 : t.strides()[dim]; }
}
