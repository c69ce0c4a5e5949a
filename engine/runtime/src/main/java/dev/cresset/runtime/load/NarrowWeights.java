package dev.cresset.runtime.load;

import dev.cresset.ir.type.ClassType;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A module whose float32 parameters and buffers are rounded to 16 bits, as {@code model.half()} leaves it: with the running statistics of
 * norms, without plain attributes. Each storage is rounded once, so tied weights stay tied, and what else looks at such a storage,
 * as the list of a recurrent layer's weights, follows.
 */
final class NarrowWeights extends ValueCopy {
    private final CallContext context;
    private final ScalarType narrow;
    private final Map<Storage, Storage> rounded = new IdentityHashMap<>();

    private NarrowWeights(CallContext context, ScalarType narrow) {
        this.context = context;
        this.narrow = narrow;
    }

    /**
     * The module as it is to be, and storages that it has no use for any more.
     *
     * @param module its weights on the device of the context
     */
    record Narrowed(ScriptObject module, List<Storage> free) {
        static Narrowed of(ScriptObject module, CallContext context, ScalarType narrow) {
            NarrowWeights copy = new NarrowWeights(context, narrow);
            Reachable before = new Reachable(module);
            for (ScriptObject o : before.objects()) copy.note(o);
            ScriptObject after = (ScriptObject) copy.copy(module);
            Set<Storage> used = Collections.newSetFromMap(new IdentityHashMap<>());
            used.addAll(new Reachable(after).storages());
            return new Narrowed(after, copy.rounded.keySet().stream().filter(s -> !used.contains(s)).toList());
        }
    }

    private void note(ScriptObject o) {
        List<ClassType.Attribute> attributes = o.type().attributes();
        for (int i = 0; i < attributes.size(); i++) {
            boolean isWeight = attributes.get(i).kind() != ClassType.AttributeKind.PLAIN;
            if (isWeight && o.get(i) instanceof Tensor t && t.dtype() == ScalarType.FLOAT32 && t.storage().isOnDevice()) {
                rounded.computeIfAbsent(t.storage(), this::round);
            }
        }
    }

    private Storage round(Storage s) {
        long elements = s.byteSize() / ScalarType.FLOAT32.byteSize();
        Tensor all = new Tensor(s, ScalarType.FLOAT32, 0, new long[] {elements}, new long[] {1});
        return context.tensor("aten::to.dtype", all, narrow).storage();
    }

    @Override protected Tensor tensor(Tensor t) {
        Storage now = t.dtype() == ScalarType.FLOAT32 ? rounded.get(t.storage()) : null;
        if (now == null) return t;
        Tensor out = new Tensor(now, narrow, t.offset(), t.sizes(), t.strides());
        out.setRequiresGrad(t.requiresGrad());
        return out;
    }

    @Override protected Object object(ScriptObject o) { return attributes(o); }
}
