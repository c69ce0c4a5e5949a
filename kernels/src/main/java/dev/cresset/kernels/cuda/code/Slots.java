package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.diag.UnsupportedException;
import java.util.Arrays;
import java.util.List;

/** Builds the parameter of a hand-written kernel field by field: 8 bytes each. */
final class Slots {
    private long[] values = new long[32];
    private int count;

    Slots add(long... v) {
        if (count + v.length > values.length) values = Arrays.copyOf(values, 2 * (count + v.length));
        System.arraycopy(v, 0, values, count, v.length);
        count += v.length;
        return this;
    }

    Slots real(double v) { return add(Double.doubleToRawLongBits(v)); }

    Slots flag(boolean v) { return add(v ? 1L : 0L); }

    /** A {@code k_dims}. */
    Slots dims(long[] sizes) { return add(sizes.length).padded(sizes); }

    /** A {@code k_strides}. */
    Slots padded(long[] v) {
        if (v.length > FamilyKernel.MAX_DIMS) throw new UnsupportedException("a CUDA kernel for " + v.length + " dimensions", List.of());
        return add(Arrays.copyOf(v, FamilyKernel.MAX_DIMS));
    }

    long[] values() { return Arrays.copyOf(values, count); }
}
