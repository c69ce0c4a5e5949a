package dev.cresset.runtime.load;

import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.util.IdentityHashMap;
import java.util.Map;

/** Copies a module for a new instance: own objects, lists and tensors of the same form; memory shared until written. */
public final class InstanceCopy extends ValueCopy {
    private final Map<Storage, Storage> storages = new IdentityHashMap<>();

    private InstanceCopy() {}

    public static ScriptObject of(ScriptObject module) { return (ScriptObject) new InstanceCopy().copy(module); }

    @Override protected Tensor tensor(Tensor t) {
        Tensor out = new Tensor(storages.computeIfAbsent(t.storage(), InstanceCopy::storage), t.dtype(), t.offset(), t.sizes(), t.strides());
        out.setRequiresGrad(t.requiresGrad());
        return out;
    }

    /** State that calls have left lies in memory of the pool, which is not shared. */
    private static Storage storage(Storage s) { return s.isPooled() ? s.copy() : s.share(); }

    @Override protected ScriptObject object(ScriptObject o) { return attributes(o); }
}
