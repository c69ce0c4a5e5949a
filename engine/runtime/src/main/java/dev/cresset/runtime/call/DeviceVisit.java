package dev.cresset.runtime.call;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.value.ScriptDict;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.runtime.load.Reachable;
import dev.cresset.tensor.DeviceMemory;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;

/**
 * One call on a device: a stream of its own, arguments brought there, order with the other streams that its tensors come
 * from. What the call writes to an argument in place is brought back to the caller's tensor. Float32 arguments are rounded if the
 * engine computes in 16 bits.
 *
 * <p>Note [Order among streams]. A storage belongs to the stream that made it, its home. Before a call its stream waits
 * for the homes of all that the call is given; after it they wait for its stream. So work on a storage is always in the
 * order of its home, and whoever reads it on the host, frees it or reuses its memory needs to look at no other stream.
 */
final class DeviceVisit implements AutoCloseable {
    private final Accelerator accelerator;
    private final CudaStream stream;
    private CallContext context;
    private Set<DeviceMemory> homes = Set.of();             // most calls are given tensors of few streams,
    private Map<Tensor, Staged> staged = Map.of();          // and some none that is elsewhere

    /** @param content of the copy's storage before the call */
    private record Staged(Tensor copy, Object content) {}

    DeviceVisit(Accelerator accelerator) {
        this.accelerator = accelerator;
        this.stream = accelerator.cuda().lease();
    }

    /** The context of the call. */
    CallContext enter(CallContext host) { return context = accelerator.on(host, stream); }

    /** Waits for those who made this memory. */
    void join(Set<Storage> some) { if (!some.isEmpty()) some.forEach(this::join); }

    private void join(Storage s) {
        DeviceMemory home = s.home();
        if (home == null || home == stream || homes.contains(home)) return;
        if (homes.isEmpty()) homes = Set.of(home);
        else {
            if (homes.size() == 1) homes = new HashSet<>(homes);
            homes.add(home);
        }
        stream.waitFor(home);
    }

    /** An argument as the call sees it. */
    Object bring(Object argument) {
        return switch (argument) {
            case Tensor t -> bring(t);
            case ScriptList l -> {
                l.replaceAll(this::bring);
                yield l;
            }
            case ScriptDict d -> {
                d.replaceAll((_, v) -> bring(v));
                yield d;
            }
            case ScriptTuple t -> {
                boolean holdsTensors = !new Reachable(t).tensors().isEmpty();
                yield holdsTensors ? new ScriptTuple(t.fields(), t.stream().map(this::bring).toArray()) : t;
            }
            case null, default -> argument;
        };
    }

    private Tensor bring(Tensor t) {
        join(t.storage());
        ScalarType type = accelerator.precision().inside(t.dtype());
        if (t.storage().isMeta() || t.storage().isOnDevice() && type == t.dtype()) return t;
        Staged before = staged.get(t);
        if (before != null) return before.copy;
        Tensor there = context.place(t, accelerator.device()), copy = type == t.dtype() ? there : context.tensor("aten::to.dtype", there, type);
        copy.setRequiresGrad(t.requiresGrad());
        copy.storage().escape();   // until the end of the call, so that what is written to it can be taken back
        if (staged.isEmpty()) staged = new IdentityHashMap<>(2);
        staged.put(t, new Staged(copy, copy.storage().content()));
        return copy;
    }

    /**
     * After a call that failed: lists and dicts hold the caller's own tensors again.
     *
     * @throws dev.cresset.ir.diag.ScriptError if a kernel had found something wrong before, of which the failure may be a consequence
     */
    void restore(Object[] arguments) {
        if (holdContainers(arguments)) {
            Map<Tensor, Tensor> originals = new IdentityHashMap<>();
            staged.forEach((t, s) -> originals.put(s.copy, t));
            for (Object a : arguments) restore(a, originals);
        }
        if (!accelerator.cuda().isLost()) stream.raise();
    }

    private static boolean holdContainers(Object[] arguments) {
        for (Object a : arguments) if (a instanceof ScriptList || a instanceof ScriptDict) return true;
        return false;
    }

    /** When all has been given to the device. @throws dev.cresset.ir.diag.ScriptError if a kernel found something wrong with its input */
    void raise() { stream.raise(); }

    /** After the call: what was written to copies of arguments goes to the arguments, which lists and dicts hold again. */
    void takeBack(Object[] arguments) {
        if (staged.isEmpty()) return;
        staged.forEach((t, s) -> {
            if (s.copy.storage().content() != s.content) writeBack(s.copy, t);
        });
        restore(arguments);
    }

    private void writeBack(Tensor copy, Tensor original) {
        if (original.storage().isOnDevice()) {
            context.call("aten::copy_", original, copy);
            return;
        }
        Tensor placed = copy.cpu(), host = placed.dtype() == original.dtype() ? placed : Tensor.of(placed.toFloatArray(), placed.sizes());
        original.storage().beforeWrite();
        if (Arrays.equals(host.sizes(), original.sizes())) Elementwise.copy(host, original);
        else original.become(host);
    }

    private static Object restore(Object value, Map<Tensor, Tensor> originals) {
        switch (value) {
            case Tensor t -> { return originals.getOrDefault(t, t); }
            case ScriptList l -> l.replaceAll(v -> restore(v, originals));
            case ScriptDict d -> d.replaceAll((_, v) -> restore(v, originals));
            case null, default -> { }
        }
        return value;
    }

    @Override public void close() {
        if (!homes.isEmpty()) homes.forEach(home -> home.waitFor(stream));
        accelerator.cuda().giveBack(stream);
    }
}
