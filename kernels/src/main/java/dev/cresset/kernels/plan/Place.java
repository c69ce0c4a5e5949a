package dev.cresset.kernels.plan;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Meta;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;

/**
 * Where a tensor of the run lies: by strides (in elements, which need not be those that its type states) in a buffer.
 *
 * @param offset of the first element, in elements from the buffer's start
 */
record Place(Buffer buffer, ScalarType type, long offset, long[] sizes, long[] strides) implements Operand {
    /** All of a buffer. */
    static Place of(Buffer buffer, Meta meta) { return new Place(buffer, meta.dtype(), 0, meta.sizes(), meta.strides()); }

    /** A tensor without memory that looks like this. */
    Tensor description() { return new Tensor(buffer.description, type, offset, sizes, strides); }

    /** What a description is of: a view of the same buffer. */
    Place seen(Tensor view) { return new Place(buffer, view.dtype(), view.offset(), view.sizes(), view.strides()); }

    Meta meta() { return new Meta(type, sizes, strides); }

    int rank() { return sizes.length; }

    long size(int d) { return sizes[d < 0 ? d + sizes.length : d]; }

    long elements() { return Shapes.numel(sizes); }

    /** Bytes of memory that its elements take: those that a dimension repeats count once. */
    long footprint() {
        long n = type.byteSize();
        for (int d = 0; d < rank(); d++) n *= strides[d] == 0 ? Math.min(1, sizes[d]) : sizes[d];
        return n;
    }

    long byteOffset() { return offset * type.byteSize(); }

    boolean isRowMajor() { return hasStrides(Shapes.contiguousStrides(sizes)); }

    boolean hasStrides(long[] wanted) { return Shapes.sameLayout(sizes, strides, wanted); }

    /** Bytes from the first to the last element. */
    static long bytes(Meta m) {
        long last = Shapes.numel(m.sizes()) == 0 ? -1 : 0;
        for (int d = 0; d < m.sizes().length && last >= 0; d++) last += (m.sizes()[d] - 1) * m.strides()[d];
        return (last + 1) * m.dtype().byteSize();
    }

    @Override public String toString() {
        return buffer + (offset == 0 ? "" : "+" + offset) + " " + type.printName() + Arrays.toString(sizes)
            + (isRowMajor() ? "" : " strides " + Arrays.toString(strides));
    }
}
