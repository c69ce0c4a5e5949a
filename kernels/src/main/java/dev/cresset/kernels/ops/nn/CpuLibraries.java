package dev.cresset.kernels.ops.nn;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cpu.onednn.OneDnn;
import dev.cresset.kernels.cpu.onednn.OneDnnLibrary;
import dev.cresset.kernels.cpu.onednn.Weights;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** The native libraries of one catalogue, made when first needed. Where there are none, operators run their own loops. */
final class CpuLibraries implements AutoCloseable {
    private volatile OneDnn oneDnn;

    /** oneDNN with the call's number of threads, or null on a machine without it. */
    OneDnn oneDnn(CallContext context) {
        OneDnn engine = oneDnn;
        if (engine == null) {
            if (!OneDnnLibrary.isAvailable()) return null;
            engine = create();
        }
        return engine.threads(context.threads());
    }

    /** Loads the library, if this machine has it: some hundred milliseconds, once in a process. */
    static void load() { OneDnnLibrary.isAvailable(); }

    private synchronized OneDnn create() {
        if (oneDnn == null) oneDnn = OneDnn.create(OneDnn.Settings.ofThreads(1));
        return oneDnn;
    }

    /** Frees packed weights and buffers. */
    @Override public synchronized void close() {
        if (oneDnn != null) oneDnn.close();
        oneDnn = null;
    }

    /** As {@link #oneDnn}, for tensors of this type: the library's f64 and integers are missing or slow. */
    OneDnn oneDnn(CallContext context, ScalarType type) { return type == ScalarType.FLOAT32 ? oneDnn(context) : null; }

    /** A weight; one that belongs to the program is packed once for its content. */
    static Weights weights(Tensor t) {
        MemorySegment at = from(t);
        return t.storage().isConstant() ? Weights.constant(at, t.strides(), t.storage().content(), 0)
            : Weights.changing(at, t.strides());
    }

    /** The memory from the first element on. */
    static MemorySegment from(Tensor t) { return t.data().asSlice(t.byteOffset()); }
}
