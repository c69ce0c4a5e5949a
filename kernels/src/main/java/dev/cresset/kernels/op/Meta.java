package dev.cresset.kernels.op;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;

/** What a result tensor will look like, without its elements. Strides are in elements. */
public record Meta(ScalarType dtype, long[] sizes, long[] strides) {
    /** Row-major. */
    public static Meta of(ScalarType dtype, long... sizes) { return new Meta(dtype, sizes, Shapes.contiguousStrides(sizes)); }

    /** Like this tensor, with its layout if that is dense, else row-major. */
    public static Meta like(Tensor t) { return like(t, t.dtype()); }

    public static Meta like(Tensor t, ScalarType dtype) {
        return new Meta(dtype, t.sizes(), isDense(t) ? t.strides() : Shapes.contiguousStrides(t.sizes()));
    }

    /** True if the elements fill a block of memory, each exactly once, in whatever order of dimensions. */
    public static boolean isDense(Tensor t) {
        if (t.isContiguous()) return true;
        Integer[] order = new Integer[t.dim()];
        for (int i = 0; i < order.length; i++) order[i] = i;
        java.util.Arrays.sort(order, (a, b) -> Long.compare(t.strides()[a], t.strides()[b]));
        long expected = 1;
        for (int d : order) {
            if (t.sizes()[d] == 1) continue;
            if (t.strides()[d] != expected) return false;
            expected *= t.sizes()[d];
        }
        return true;
    }
}
