package dev.cresset.kernels.fuse;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.tensor.Tensor;

/** Constant tensors that are one number. */
final class Constants {
    /** Larger tensors are not looked through. */
    private static final long LARGEST = 4096;

    private Constants() {}

    /** The number (Long or Double) that all elements are, bit for bit; null if they differ. */
    static Object uniform(Tensor t) {
        ScalarType type = t.dtype();
        if (type.isComplex() || type.category() == ScalarType.Category.QUANTIZED || t.numel() == 0 || t.numel() > LARGEST) return null;
        return type.isIntegral() ? uniformLong(t.toLongArray()) : uniformDouble(t.toDoubleArray());
    }

    private static Object uniformLong(long[] v) {
        for (long x : v) if (x != v[0]) return null;
        return v[0];
    }

    private static Object uniformDouble(double[] v) {
        for (double x : v) if (Double.compare(x, v[0]) != 0) return null;
        return v[0];
    }
}
