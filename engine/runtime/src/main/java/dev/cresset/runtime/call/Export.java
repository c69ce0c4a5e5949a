package dev.cresset.runtime.call;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Precision;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.runtime.load.Reachable;
import dev.cresset.runtime.load.ValueCopy;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the caller's own copy of a result: fresh containers and fresh views, each view one owner of its storage. So
 * closing a result never takes memory from a module's state, nor the other way round. Where programs compute in 16 bits, such
 * tensors become float32.
 */
final class Export extends ValueCopy {
    private final CallContext context;
    private final Precision precision;
    private List<Tensor> tensors = List.of();
    private List<Storage> kept = List.of();

    /** @param precision what the call computed with */
    Export(CallContext context, Precision precision) {
        this.context = context;
        this.precision = precision;
    }

    @Override protected Tensor tensor(Tensor original) {
        Tensor t = original;
        ScalarType type = precision.outside(t.dtype());
        if (type != t.dtype()) t = context.tensor("aten::to.dtype", t, type);
        if (!t.storage().isOnDevice()) t.data();   // the caller gets row-major memory, whatever form the engine kept
        else if (!t.storage().isPooled()) t = context.tensor("aten::clone", t);   // weights on a device end with their program
        Tensor view = t.view(t.sizes(), t.strides());
        view.setRequiresGrad(original.requiresGrad());
        if (t.storage().isPooled()) tensors = with(tensors, view);
        return view;
    }

    /** Most results are one tensor, and most calls keep nothing. */
    private static <T> List<T> with(List<T> some, T one) {
        if (some.isEmpty()) return List.of(one);
        List<T> all = some.size() == 1 ? new ArrayList<>(some) : some;
        all.add(one);
        return all;
    }

    /** The caller's own copy of a whole result. */
    Object result(Object value) { return value instanceof Tensor t ? tensor(t) : copy(value); }

    /** Objects are handed out as they are; their tensors live as long as the objects. */
    @Override protected Object object(ScriptObject o) {
        new Reachable(o).storages().forEach(Storage::detach);
        return o;
    }

    /** Notes tensors that a call put into containers of its caller: they are the caller's now. */
    void keep(Tensor t) { if (t.storage().isScoped()) keep(t.storage()); }

    /** Notes memory that has an owner more outside the call, apart from the results. */
    void keep(Storage s) { kept = with(kept, s); }

    /** Gives each storage as many owners as the result and what was kept are. */
    void handOver(Scope scope) {
        for (int i = 0; i < tensors.size(); i++) scope.handOver(tensors.get(i).storage());
        for (int i = 0; i < kept.size(); i++) scope.handOver(kept.get(i));
    }

    /** The tensors that give memory back when closed. */
    List<Tensor> tensors() { return tensors; }
}
