package dev.cresset.kernels.ops.reduce;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** Moving runs of elements between tensors and arrays, converting their type. Positions and strides count elements. */
final class Blocks {
    /** Elements moved at once: small enough for the first-level cache. */
    static final int SIZE = 1024;

    private Blocks() {}

    static void load(Tensor t, long at, long stride, double[] to, int n) {
        MemorySegment s = t.data();
        switch (t.dtype()) {
            case FLOAT32 -> {
                if (stride == 1) loadFloats(s, 4 * at, to, n);
                else for (int i = 0; i < n; i++) to[i] = s.get(JAVA_FLOAT_UNALIGNED, 4 * (at + i * stride));
            }
            case FLOAT64 -> {
                if (stride == 1) MemorySegment.copy(s, JAVA_DOUBLE_UNALIGNED, 8 * at, to, 0, n);
                else for (int i = 0; i < n; i++) to[i] = s.get(JAVA_DOUBLE_UNALIGNED, 8 * (at + i * stride));
            }
            case FLOAT16 -> {
                for (int i = 0; i < n; i++) to[i] = Float.float16ToFloat(s.get(JAVA_SHORT_UNALIGNED, 2 * (at + i * stride)));
            }
            case BFLOAT16 -> {
                for (int i = 0; i < n; i++) to[i] = Elements.bfloat16ToFloat(s.get(JAVA_SHORT_UNALIGNED, 2 * (at + i * stride)));
            }
            case INT64 -> { for (int i = 0; i < n; i++) to[i] = s.get(JAVA_LONG_UNALIGNED, 8 * (at + i * stride)); }
            default -> { for (int i = 0; i < n; i++) to[i] = Elements.getDouble(s, t.dtype(), at + i * stride); }
        }
    }

    // loops without a stride, which the JIT compiler vectorises

    private static void loadFloats(MemorySegment s, long byteOffset, double[] to, int n) {
        for (int i = 0; i < n; i++) to[i] = s.get(JAVA_FLOAT_UNALIGNED, byteOffset + 4L * i);
    }

    private static void storeFloats(double[] from, MemorySegment s, long byteOffset, int n) {
        for (int i = 0; i < n; i++) s.set(JAVA_FLOAT_UNALIGNED, byteOffset + 4L * i, (float) from[i]);
    }

    static void load(Tensor t, long at, long stride, float[] to, int n) { load(t, at, stride, to, 0, n); }

    static void load(Tensor t, long at, long stride, float[] to, int toAt, int n) {
        MemorySegment s = t.data();
        switch (t.dtype()) {
            case FLOAT32 -> {
                if (stride == 1) MemorySegment.copy(s, JAVA_FLOAT_UNALIGNED, 4 * at, to, toAt, n);
                else for (int i = 0; i < n; i++) to[toAt + i] = s.get(JAVA_FLOAT_UNALIGNED, 4 * (at + i * stride));
            }
            case FLOAT16 -> {
                for (int i = 0; i < n; i++) to[toAt + i] = Float.float16ToFloat(s.get(JAVA_SHORT_UNALIGNED, 2 * (at + i * stride)));
            }
            default -> { for (int i = 0; i < n; i++) to[toAt + i] = (float) Elements.getDouble(s, t.dtype(), at + i * stride); }
        }
    }

    static void load(Tensor t, long at, long stride, long[] to, int n) {
        MemorySegment s = t.data();
        switch (t.dtype()) {
            case INT64 -> {
                if (stride == 1) MemorySegment.copy(s, JAVA_LONG_UNALIGNED, 8 * at, to, 0, n);
                else for (int i = 0; i < n; i++) to[i] = s.get(JAVA_LONG_UNALIGNED, 8 * (at + i * stride));
            }
            case INT32 -> { for (int i = 0; i < n; i++) to[i] = s.get(JAVA_INT_UNALIGNED, 4 * (at + i * stride)); }
            case UINT8 -> { for (int i = 0; i < n; i++) to[i] = s.get(JAVA_BYTE, at + i * stride) & 0xff; }
            case BOOL -> { for (int i = 0; i < n; i++) to[i] = s.get(JAVA_BYTE, at + i * stride) != 0 ? 1 : 0; }
            default -> { for (int i = 0; i < n; i++) to[i] = Elements.getLong(s, t.dtype(), at + i * stride); }
        }
    }

    static void store(double[] from, Tensor t, long at, long stride, int n) {
        MemorySegment s = t.data();
        ScalarType type = t.dtype();
        switch (type) {
            case FLOAT32 -> {
                if (stride == 1) storeFloats(from, s, 4 * at, n);
                else for (int i = 0; i < n; i++) s.set(JAVA_FLOAT_UNALIGNED, 4 * (at + i * stride), (float) from[i]);
            }
            case FLOAT64 -> { for (int i = 0; i < n; i++) s.set(JAVA_DOUBLE_UNALIGNED, 8 * (at + i * stride), from[i]); }
            default -> { for (int i = 0; i < n; i++) Elements.setDouble(s, type, at + i * stride, from[i]); }
        }
    }

    static void store(float[] from, Tensor t, long at, long stride, int n) { store(from, 0, t, at, stride, n); }

    static void store(float[] from, int fromAt, Tensor t, long at, long stride, int n) {
        MemorySegment s = t.data();
        ScalarType type = t.dtype();
        switch (type) {
            case FLOAT32 -> {
                if (stride == 1) MemorySegment.copy(from, fromAt, s, JAVA_FLOAT_UNALIGNED, 4 * at, n);
                else for (int i = 0; i < n; i++) s.set(JAVA_FLOAT_UNALIGNED, 4 * (at + i * stride), from[fromAt + i]);
            }
            case FLOAT16 -> {
                for (int i = 0; i < n; i++) s.set(JAVA_SHORT_UNALIGNED, 2 * (at + i * stride), Float.floatToFloat16(from[fromAt + i]));
            }
            default -> { for (int i = 0; i < n; i++) Elements.setDouble(s, type, at + i * stride, from[fromAt + i]); }
        }
    }

    static void store(long[] from, Tensor t, long at, long stride, int n) {
        MemorySegment s = t.data();
        ScalarType type = t.dtype();
        if (type == ScalarType.INT64) {
            for (int i = 0; i < n; i++) s.set(JAVA_LONG_UNALIGNED, 8 * (at + i * stride), from[i]);
        } else {
            for (int i = 0; i < n; i++) Elements.setLong(s, type, at + i * stride, from[i]);
        }
    }
}
