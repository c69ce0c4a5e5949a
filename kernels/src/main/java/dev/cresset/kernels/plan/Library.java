package dev.cresset.kernels.plan;

import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cpu.onednn.DnnLayout;
import dev.cresset.kernels.cpu.onednn.PreparedCall;
import dev.cresset.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** What the makers of oneDNN's steps have in common. */
final class Library {
    private Library() {}

    /** True if this machine has the library and it computes on this type as PyTorch does. */
    static boolean takes(Lowering l, ScalarType type) { return l.holdings().oneDnn() != null && type == ScalarType.FLOAT32; }

    static DnnLayout layout(Place p) { return DnnLayout.plain(p.type(), p.sizes(), p.strides()); }

    /** The memory of a constant from its first element on. */
    static MemorySegment memory(Tensor t) { return t.data().asSlice(t.byteOffset()); }

    /** A copy step by oneDNN; null where it has none. */
    static Step copy(Lowering l, Place from, Place to) {
        if (!takes(l, from.type()) || from.elements() == 0 || from.rank() == 0) return null;
        try {
            record Key(DnnLayout from, DnnLayout to) {}
            PreparedCall call = l.holdings().call(new Key(layout(from), layout(to)), () -> l.holdings().oneDnn().prepareReorder(layout(from), layout(to)));
            return new LibraryStep.Builder("reorder", call).read(from).write(to).build(l.memory());
        } catch (UnsupportedException e) {
            return null;
        }
    }
}
