package dev.cresset.kernels.expr;

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
import java.util.Arrays;

/** Moves the elements of a tile between tensors and registers, row by row of the walk. */
final class TileMemory {
    /** Shorter rows are cheaper to move one element at a time. */
    private static final int BLOCK_MINIMUM = 8;

    private TileMemory() {}

    @FunctionalInterface
    private interface Mover { void move(Registers r, MemorySegment s, ScalarType t, long at, long stride, int register, int from, int n); }

    private static final Mover LOAD = TileMemory::loadRow;
    private static final Mover STORE = TileMemory::storeRow;

    /** Fills a register with this tile's elements of an input. */
    static void load(Registers r, int operand, int register, int n) { rows(LOAD, r, operand, register, n); }

    /** Writes a register to this tile's elements of the output. */
    static void store(Registers r, int register, int n) { rows(STORE, r, r.walk.operands.length - 1, register, n); }

    private static void rows(Mover mover, Registers r, int operand, int register, int n) {
        Walk w = r.walk;
        Tensor t = w.operands[operand];
        MemorySegment data = t.data();
        long stride = w.innerStride(operand);
        if (w.rank == 1) {
            mover.move(r, data, t.dtype(), t.offset() + r.start * stride, stride, register, 0, n);
            return;
        }
        long inner = w.innerSize();
        long row = r.start / inner;
        long column = r.start - row * inner;
        for (int done = 0; done < n; row++, column = 0) {
            int length = (int) Math.min(n - done, inner - column);
            mover.move(r, data, t.dtype(), w.rowStart(operand, row) + column * stride, stride, register, done, length);
            done += length;
        }
    }

    private static void loadRow(Registers r, MemorySegment s, ScalarType t, long at, long stride, int register, int from, int n) {
        if (stride == 0) {
            fillRow(r, s, t, at, register, from, n);
        } else if (stride == 1 && n >= BLOCK_MINIMUM) {
            loadBlock(r, s, t, at, register, from, n);
        } else {
            gather(r, s, t, at, stride, register, from, n);
        }
    }

    private static void fillRow(Registers r, MemorySegment s, ScalarType t, long at, int register, int from, int n) {
        switch (Expr.compute(t)) {
            case FLOAT32 -> Arrays.fill(r.f[register], from, from + n, (float) Elements.getDouble(s, t, at));
            case FLOAT64 -> Arrays.fill(r.d[register], from, from + n, Elements.getDouble(s, t, at));
            case INT64 -> Arrays.fill(r.l[register], from, from + n, Elements.getLong(s, t, at));
            default -> Arrays.fill(r.b[register], from, from + n, (int) Elements.getLong(s, t, at));
        }
    }

    private static void loadBlock(Registers r, MemorySegment s, ScalarType t, long at, int register, int from, int n) {
        switch (t) {
            case FLOAT32 -> MemorySegment.copy(s, JAVA_FLOAT_UNALIGNED, 4 * at, r.f[register], from, n);
            case FLOAT64 -> MemorySegment.copy(s, JAVA_DOUBLE_UNALIGNED, 8 * at, r.d[register], from, n);
            case INT64 -> MemorySegment.copy(s, JAVA_LONG_UNALIGNED, 8 * at, r.l[register], from, n);
            case INT32, QINT32 -> {
                MemorySegment.copy(s, JAVA_INT_UNALIGNED, 4 * at, r.ints, 0, n);
                widen(r.l[register], from, r.ints, n);
            }
            case FLOAT16, BFLOAT16, INT16 -> {
                MemorySegment.copy(s, JAVA_SHORT_UNALIGNED, 2 * at, r.shorts, 0, n);
                widenShorts(r, t, register, from, n);
            }
            default -> {
                MemorySegment.copy(s, JAVA_BYTE, at, r.bytes, 0, n);
                widenBytes(r, t, register, from, n);
            }
        }
    }

    private static void widen(long[] d, int from, int[] a, int n) { for (int i = 0; i < n; i++) d[from + i] = a[i]; }

    private static void widenShorts(Registers r, ScalarType t, int register, int from, int n) {
        short[] a = r.shorts;
        switch (t) {
            case FLOAT16 -> widenHalves(r.f[register], from, a, n);
            case BFLOAT16 -> {
                float[] d = r.f[register];
                for (int i = 0; i < n; i++) d[from + i] = Elements.bfloat16ToFloat(a[i]);
            }
            default -> {
                long[] d = r.l[register];
                for (int i = 0; i < n; i++) d[from + i] = a[i];
            }
        }
    }

    private static void widenHalves(float[] d, int from, short[] a, int n) {
        for (int i = 0; i < n; i++) d[from + i] = Float.float16ToFloat(a[i]);
    }

    private static void widenBytes(Registers r, ScalarType t, int register, int from, int n) {
        byte[] a = r.bytes;
        if (t == ScalarType.BOOL) {
            int[] d = r.b[register];
            for (int i = 0; i < n; i++) d[from + i] = a[i] != 0 ? 1 : 0;
        } else {
            long[] d = r.l[register];
            long mask = t == ScalarType.UINT8 || t == ScalarType.QUINT8 ? 0xff : -1;
            for (int i = 0; i < n; i++) d[from + i] = a[i] & mask;
        }
    }

    private static void gather(Registers r, MemorySegment s, ScalarType t, long at, long stride, int register, int from, int n) {
        switch (Expr.compute(t)) {
            case FLOAT32 -> {
                float[] d = r.f[register];
                if (t == ScalarType.FLOAT32) gatherFloats(d, s, at, stride, from, n);
                else for (int i = 0; i < n; i++) d[from + i] = (float) Elements.getDouble(s, t, at + i * stride);
            }
            case FLOAT64 -> {
                double[] d = r.d[register];
                for (int i = 0; i < n; i++) d[from + i] = s.get(JAVA_DOUBLE_UNALIGNED, 8 * (at + i * stride));
            }
            case INT64 -> {
                long[] d = r.l[register];
                if (t == ScalarType.INT64) for (int i = 0; i < n; i++) d[from + i] = s.get(JAVA_LONG_UNALIGNED, 8 * (at + i * stride));
                else for (int i = 0; i < n; i++) d[from + i] = Elements.getLong(s, t, at + i * stride);
            }
            default -> {
                int[] d = r.b[register];
                for (int i = 0; i < n; i++) d[from + i] = s.get(JAVA_BYTE, at + i * stride) != 0 ? 1 : 0;
            }
        }
    }

    private static void gatherFloats(float[] d, MemorySegment s, long at, long stride, int from, int n) {
        for (int i = 0; i < n; i++) d[from + i] = s.get(JAVA_FLOAT_UNALIGNED, 4 * (at + i * stride));
    }

    private static void storeRow(Registers r, MemorySegment s, ScalarType t, long at, long stride, int register, int from, int n) {
        if (stride == 1 && n >= BLOCK_MINIMUM) {
            storeBlock(r, s, t, at, register, from, n);
        } else {
            scatter(r, s, t, at, stride, register, from, n);
        }
    }

    private static void storeBlock(Registers r, MemorySegment s, ScalarType t, long at, int register, int from, int n) {
        switch (t) {
            case FLOAT32 -> MemorySegment.copy(r.f[register], from, s, JAVA_FLOAT_UNALIGNED, 4 * at, n);
            case FLOAT64 -> MemorySegment.copy(r.d[register], from, s, JAVA_DOUBLE_UNALIGNED, 8 * at, n);
            case INT64 -> MemorySegment.copy(r.l[register], from, s, JAVA_LONG_UNALIGNED, 8 * at, n);
            case INT32, QINT32 -> {
                long[] a = r.l[register];
                for (int i = 0; i < n; i++) r.ints[i] = (int) a[from + i];
                MemorySegment.copy(r.ints, 0, s, JAVA_INT_UNALIGNED, 4 * at, n);
            }
            case FLOAT16, BFLOAT16, INT16 -> {
                toShorts(r, t, register, from, n);
                MemorySegment.copy(r.shorts, 0, s, JAVA_SHORT_UNALIGNED, 2 * at, n);
            }
            default -> {
                toBytes(r, t, register, from, n);
                MemorySegment.copy(r.bytes, 0, s, JAVA_BYTE, at, n);
            }
        }
    }

    private static void toShorts(Registers r, ScalarType t, int register, int from, int n) {
        short[] d = r.shorts;
        switch (t) {
            case FLOAT16 -> toHalves(d, r.f[register], from, n);
            case BFLOAT16 -> {
                float[] a = r.f[register];
                for (int i = 0; i < n; i++) d[i] = Elements.floatToBfloat16(a[from + i]);
            }
            default -> {
                long[] a = r.l[register];
                for (int i = 0; i < n; i++) d[i] = (short) a[from + i];
            }
        }
    }

    private static void toHalves(short[] d, float[] a, int from, int n) {
        for (int i = 0; i < n; i++) d[i] = Float.floatToFloat16(a[from + i]);
    }

    private static void toBytes(Registers r, ScalarType t, int register, int from, int n) {
        byte[] d = r.bytes;
        if (t == ScalarType.BOOL) {
            int[] a = r.b[register];
            for (int i = 0; i < n; i++) d[i] = (byte) a[from + i];
        } else {
            long[] a = r.l[register];
            for (int i = 0; i < n; i++) d[i] = (byte) a[from + i];
        }
    }

    private static void scatter(Registers r, MemorySegment s, ScalarType t, long at, long stride, int register, int from, int n) {
        switch (Expr.compute(t)) {
            case FLOAT32 -> {
                float[] a = r.f[register];
                if (t == ScalarType.FLOAT32) for (int i = 0; i < n; i++) s.set(JAVA_FLOAT_UNALIGNED, 4 * (at + i * stride), a[from + i]);
                else for (int i = 0; i < n; i++) Elements.setDouble(s, t, at + i * stride, a[from + i]);
            }
            case FLOAT64 -> {
                double[] a = r.d[register];
                for (int i = 0; i < n; i++) s.set(JAVA_DOUBLE_UNALIGNED, 8 * (at + i * stride), a[from + i]);
            }
            case INT64 -> {
                long[] a = r.l[register];
                for (int i = 0; i < n; i++) Elements.setLong(s, t, at + i * stride, a[from + i]);
            }
            default -> {
                int[] a = r.b[register];
                for (int i = 0; i < n; i++) s.set(JAVA_BYTE, at + i * stride, (byte) a[from + i]);
            }
        }
    }
}
