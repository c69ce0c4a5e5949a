package dev.cresset.tensor;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.ScalarType;
import java.lang.foreign.MemorySegment;

/** Reading and writing single elements of any type. {@code at} counts elements, not bytes. Not for inner loops of kernels. */
public final class Elements {
    private Elements() {}

    /** As Long (integers), Double (floats), Boolean or Complex. */
    public static Object get(MemorySegment s, ScalarType t, long at) {
        return switch (t.category()) {
            case BOOL -> s.get(JAVA_BYTE, at) != 0;
            case INTEGRAL, QUANTIZED -> getLong(s, t, at);
            case FLOATING -> getDouble(s, t, at);
            case COMPLEX -> getComplex(s, t, at);
        };
    }

    public static double getDouble(MemorySegment s, ScalarType t, long at) {
        return switch (t) {
            case FLOAT32 -> s.get(JAVA_FLOAT_UNALIGNED, 4 * at);
            case FLOAT64 -> s.get(JAVA_DOUBLE_UNALIGNED, 8 * at);
            case FLOAT16 -> Float.float16ToFloat(s.get(JAVA_SHORT_UNALIGNED, 2 * at));
            case BFLOAT16 -> bfloat16ToFloat(s.get(JAVA_SHORT_UNALIGNED, 2 * at));
            case COMPLEX32, COMPLEX64, COMPLEX128 -> getComplex(s, t, at).re();
            default -> getLong(s, t, at);
        };
    }

    public static long getLong(MemorySegment s, ScalarType t, long at) {
        return switch (t) {
            case BOOL -> s.get(JAVA_BYTE, at) != 0 ? 1 : 0;
            case UINT8, QUINT8 -> s.get(JAVA_BYTE, at) & 0xff;
            case INT8, QINT8 -> s.get(JAVA_BYTE, at);
            case INT16 -> s.get(JAVA_SHORT_UNALIGNED, 2 * at);
            case INT32, QINT32 -> s.get(JAVA_INT_UNALIGNED, 4 * at);
            case INT64 -> s.get(JAVA_LONG_UNALIGNED, 8 * at);
            default -> (long) getDouble(s, t, at);
        };
    }

    public static Complex getComplex(MemorySegment s, ScalarType t, long at) {
        return switch (t) {
            case COMPLEX64 -> new Complex(s.get(JAVA_FLOAT_UNALIGNED, 8 * at), s.get(JAVA_FLOAT_UNALIGNED, 8 * at + 4));
            case COMPLEX128 -> new Complex(s.get(JAVA_DOUBLE_UNALIGNED, 16 * at), s.get(JAVA_DOUBLE_UNALIGNED, 16 * at + 8));
            case COMPLEX32 -> new Complex(Float.float16ToFloat(s.get(JAVA_SHORT_UNALIGNED, 4 * at)),
                Float.float16ToFloat(s.get(JAVA_SHORT_UNALIGNED, 4 * at + 2)));
            default -> new Complex(getDouble(s, t, at), 0);
        };
    }

    public static void setDouble(MemorySegment s, ScalarType t, long at, double v) {
        switch (t) {
            case FLOAT32 -> s.set(JAVA_FLOAT_UNALIGNED, 4 * at, (float) v);
            case FLOAT64 -> s.set(JAVA_DOUBLE_UNALIGNED, 8 * at, v);
            case FLOAT16 -> s.set(JAVA_SHORT_UNALIGNED, 2 * at, Float.floatToFloat16((float) v));
            case BFLOAT16 -> s.set(JAVA_SHORT_UNALIGNED, 2 * at, floatToBfloat16((float) v));
            case COMPLEX32, COMPLEX64, COMPLEX128 -> setComplex(s, t, at, v, 0);
            case BOOL -> s.set(JAVA_BYTE, at, (byte) (v != 0 ? 1 : 0));
            default -> setLong(s, t, at, (long) v);
        }
    }

    /** Integers wrap to the element's width. */
    public static void setLong(MemorySegment s, ScalarType t, long at, long v) {
        switch (t) {
            case BOOL -> s.set(JAVA_BYTE, at, (byte) (v != 0 ? 1 : 0));
            case UINT8, INT8, QINT8, QUINT8 -> s.set(JAVA_BYTE, at, (byte) v);
            case INT16 -> s.set(JAVA_SHORT_UNALIGNED, 2 * at, (short) v);
            case INT32, QINT32 -> s.set(JAVA_INT_UNALIGNED, 4 * at, (int) v);
            case INT64 -> s.set(JAVA_LONG_UNALIGNED, 8 * at, v);
            default -> setDouble(s, t, at, v);
        }
    }

    public static void setComplex(MemorySegment s, ScalarType t, long at, double re, double im) {
        switch (t) {
            case COMPLEX64 -> {
                s.set(JAVA_FLOAT_UNALIGNED, 8 * at, (float) re);
                s.set(JAVA_FLOAT_UNALIGNED, 8 * at + 4, (float) im);
            }
            case COMPLEX128 -> {
                s.set(JAVA_DOUBLE_UNALIGNED, 16 * at, re);
                s.set(JAVA_DOUBLE_UNALIGNED, 16 * at + 8, im);
            }
            case COMPLEX32 -> {
                s.set(JAVA_SHORT_UNALIGNED, 4 * at, Float.floatToFloat16((float) re));
                s.set(JAVA_SHORT_UNALIGNED, 4 * at + 2, Float.floatToFloat16((float) im));
            }
            default -> setDouble(s, t, at, re);
        }
    }

    /** Writes a Long, Double, Boolean or Complex. */
    public static void set(MemorySegment s, ScalarType t, long at, Object value) {
        switch (value) {
            case Long v -> setLong(s, t, at, v);
            case Boolean v -> setLong(s, t, at, v ? 1 : 0);
            case Double v -> setDouble(s, t, at, v);
            case Complex v -> setComplex(s, t, at, v.re(), v.im());
            default -> throw new IllegalArgumentException("no element value: " + value);
        }
    }

    public static float bfloat16ToFloat(short bits) { return Float.intBitsToFloat(bits << 16); }

    /** Rounds to nearest, ties to even; NaN stays NaN. */
    public static short floatToBfloat16(float v) {
        int bits = Float.floatToRawIntBits(v);
        if (Float.isNaN(v)) return (short) (bits >>> 16 | 0x40);
        return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }
}
