package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Writing one value to all elements, and to single ones. */
final class Fill {
    private Fill() {}

    /** Fills a whole fresh tensor whose elements lie in one block from its offset on. */
    static Tensor dense(CallContext context, Tensor t, Object value) {
        if (t.storage().isOnDevice()) {
            Elementwise.fill(context, t, checked(t.dtype(), value));
            return t;
        }
        return onHost(t, value);
    }

    private static Tensor onHost(Tensor t, Object value) {
        long bytes = t.numel() * t.dtype().byteSize();
        if (bytes == 0 || t.storage().isMeta()) return t;
        MemorySegment s = t.data().asSlice(t.byteOffset(), bytes);
        set(s, t.dtype(), 0, value);
        long width = t.dtype().byteSize();
        if (isZero(s, width)) {
            s.fill((byte) 0);
            return t;
        }
        for (long done = width; done < bytes; done *= 2) {
            MemorySegment.copy(s, 0, s, done, Math.min(done, bytes - done));
        }
        return t;
    }

    /** Fills a tensor of any strides. */
    static Tensor any(CallContext context, Tensor t, Object value) {
        if (t.isContiguous() || t.storage().isOnDevice()) return dense(context, t, value);
        Elementwise.copy(context, scalar(t.dtype(), value), t);
        return t;
    }

    /** A 0-dim tensor where the call makes tensors. */
    static Tensor scalar(CallContext context, ScalarType dtype, Object value) {
        return context.isOnDevice() ? dense(context, context.empty(dtype), value) : scalar(dtype, value);
    }

    /** A 0-dim tensor outside of any call's scope. */
    static Tensor scalar(ScalarType dtype, Object value) {
        Tensor t = Tensor.over(Arena.ofAuto().allocate(16, 16), dtype);
        set(t.data(), dtype, 0, value);
        return t;
    }

    /** Writes a number, converting it to the element type. */
    static void set(MemorySegment s, ScalarType dtype, long at, Object value) { Elements.set(s, dtype, at, checked(dtype, value)); }

    private static Object checked(ScalarType dtype, Object value) {
        if (!(value instanceof Complex c) || dtype.isComplex()) return value;
        if (c.im() != 0) throw new ScriptError("value cannot be converted to type " + dtype.printName() + " without overflow");
        return c.re();
    }

    private static boolean isZero(MemorySegment s, long width) {
        for (long i = 0; i < width; i++) if (s.get(java.lang.foreign.ValueLayout.JAVA_BYTE, i) != 0) return false;
        return true;
    }
}
