package dev.cresset.kernels.ops.nn;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** Elements of tensors copied to Java arrays in row-major order and back, for loops that no library does. */
final class Heap {
    private Heap() {}

    static float[] floats(Tensor t) {
        float[] out = new float[Math.toIntExact(t.numel())];
        if (t.dtype() == ScalarType.FLOAT32 && t.isContiguous()) {
            MemorySegment.copy(t.data(), JAVA_FLOAT_UNALIGNED, t.byteOffset(), out, 0, out.length);
            return out;
        }
        MemorySegment s = t.data();
        ScalarType type = t.dtype();
        walk(t, (i, at) -> out[i] = (float) Elements.getDouble(s, type, at));
        return out;
    }

    static double[] doubles(Tensor t) {
        double[] out = new double[Math.toIntExact(t.numel())];
        if (t.dtype() == ScalarType.FLOAT64 && t.isContiguous()) {
            MemorySegment.copy(t.data(), JAVA_DOUBLE_UNALIGNED, t.byteOffset(), out, 0, out.length);
            return out;
        }
        MemorySegment s = t.data();
        ScalarType type = t.dtype();
        walk(t, (i, at) -> out[i] = Elements.getDouble(s, type, at));
        return out;
    }

    static long[] longs(Tensor t) {
        long[] out = new long[Math.toIntExact(t.numel())];
        if (t.dtype() == ScalarType.INT64 && t.isContiguous()) {
            MemorySegment.copy(t.data(), JAVA_LONG_UNALIGNED, t.byteOffset(), out, 0, out.length);
            return out;
        }
        MemorySegment s = t.data();
        ScalarType type = t.dtype();
        walk(t, (i, at) -> out[i] = Elements.getLong(s, type, at));
        return out;
    }

    static void store(float[] v, Tensor out) {
        MemorySegment s = out.data();
        if (out.dtype() == ScalarType.FLOAT32 && out.isContiguous()) {
            MemorySegment.copy(v, 0, s, JAVA_FLOAT_UNALIGNED, out.byteOffset(), v.length);
        } else {
            walk(out, (i, at) -> Elements.setDouble(s, out.dtype(), at, v[i]));
        }
    }

    static void store(double[] v, Tensor out) {
        MemorySegment s = out.data();
        if (out.dtype() == ScalarType.FLOAT64 && out.isContiguous()) {
            MemorySegment.copy(v, 0, s, JAVA_DOUBLE_UNALIGNED, out.byteOffset(), v.length);
        } else {
            walk(out, (i, at) -> Elements.setDouble(s, out.dtype(), at, v[i]));
        }
    }

    static void store(long[] v, Tensor out) {
        MemorySegment s = out.data();
        walk(out, (i, at) -> Elements.setLong(s, out.dtype(), at, v[i]));
    }

    interface Visitor { void at(int position, long element); }

    /** All elements in row-major order: position in that order, and in the storage. */
    static void walk(Tensor t, Visitor visitor) {
        int n = Math.toIntExact(t.numel());
        int rank = t.dim();
        if (n == 0) return;
        long inner = rank == 0 ? 1 : t.sizes()[rank - 1];
        long step = rank == 0 ? 0 : t.strides()[rank - 1];
        long[] index = new long[rank];
        long row = t.offset();
        for (int i = 0; i < n;) {
            long at = row;
            for (long k = 0; k < inner; k++, at += step) visitor.at(i++, at);
            for (int d = rank - 2; d >= 0; d--) {
                row += t.strides()[d];
                if (++index[d] < t.sizes()[d]) break;
                row -= t.strides()[d] * t.sizes()[d];
                index[d] = 0;
            }
        }
    }
}
