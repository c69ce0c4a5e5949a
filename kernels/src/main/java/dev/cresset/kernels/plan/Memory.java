package dev.cresset.kernels.plan;

import dev.cresset.kernels.op.Meta;
import dev.cresset.tensor.Content;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The buffers of a plan that is being made. */
final class Memory {
    /** What cuBLAS wants of the memory that it works in, in bytes; cuDNN does not say, and allocations of the driver's have it. */
    private static final long WORKSPACE_ALIGNMENT = 256;

    private final List<Buffer> buffers = new ArrayList<>();
    private final List<Tensor> constants = new ArrayList<>();
    private final Map<Content, Place> known = new HashMap<>();

    Place input(Meta m) { return add(Buffer.Kind.INPUT, m, null); }

    Place internal(Meta m) { return add(Buffer.Kind.INTERNAL, m, null); }

    Place returned(Meta m) { return add(Buffer.Kind.RETURNED, m, null); }

    /** The same place for the same constant. */
    Place constant(Tensor t) {
        return known.computeIfAbsent(Content.of(t), _ -> add(Buffer.Kind.CONSTANT, new Meta(t.dtype(), t.sizes(), t.strides()), t));
    }

    /** What lies in a buffer of a constant. */
    Tensor constant(Buffer b) { return constants.get(b.index); }

    /** Memory that is no tensor, such as a scratchpad. */
    Buffer scratch(long bytes) { return scratch(bytes, MemoryPlan.ALIGNMENT); }

    /** The same for libraries of NVIDIA's; null for no bytes. */
    Buffer workspace(long bytes) { return bytes == 0 ? null : scratch(bytes, WORKSPACE_ALIGNMENT); }

    private Buffer scratch(long bytes, long alignment) {
        Buffer b = new Buffer(buffers.size(), Buffer.Kind.INTERNAL, bytes, alignment);
        buffers.add(b);
        constants.add(null);
        return b;
    }

    private Place add(Buffer.Kind kind, Meta m, Tensor constant) {
        Buffer b = new Buffer(buffers.size(), kind, Place.bytes(m));
        buffers.add(b);
        constants.add(constant);
        return Place.of(b, m);
    }

    List<Buffer> buffers() { return List.copyOf(buffers); }

    /** By buffer index, null for buffers that are no constants. */
    Tensor[] constants() { return constants.toArray(new Tensor[0]); }
}
