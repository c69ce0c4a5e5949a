package dev.cresset.runtime.load;

import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.util.IdentityHashMap;
import java.util.Map;

/** Copies everything, tensors with their memory; what shares memory does so afterwards. Weights are shared until written. */
public class DeepCopy extends ValueCopy {
    private final Map<Storage, Storage> storages = new IdentityHashMap<>();

    @Override protected Tensor tensor(Tensor t) {
        Tensor out = new Tensor(storages.computeIfAbsent(t.storage(), this::storage), t.dtype(), t.offset(),
            t.sizes(), t.strides());
        out.setRequiresGrad(t.requiresGrad());
        return out;
    }

    /** The copy of a storage, made once for each. */
    protected Storage storage(Storage s) { return s.isConstant() ? s.share() : s.copy(); }

    @Override protected Object object(ScriptObject o) { return attributes(o); }
}
