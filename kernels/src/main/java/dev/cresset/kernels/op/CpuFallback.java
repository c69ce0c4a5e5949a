package dev.cresset.kernels.op;

import dev.cresset.ir.schema.Argument;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Runs operators on the host that a device has no kernel for, or that are declared to run there: inputs are copied there, results back. What it does is
 * counted, since each such call waits for the device. Safe from any thread.
 */
public final class CpuFallback {
    /** @param toHost bytes copied to the host; @param toDevice bytes copied back */
    public record Use(String operator, long calls, long toHost, long toDevice) {
        /** Both together. */
        public Use plus(Use other) { return new Use(operator, calls + other.calls, toHost + other.toHost, toDevice + other.toDevice); }
    }

    private final Map<String, Use> uses = new TreeMap<>();

    /** What has run so, by name. */
    public synchronized List<Use> uses() { return new ArrayList<>(uses.values()); }

    private synchronized void count(String operator, long toHost, long toDevice) {
        uses.merge(operator, new Use(operator, 1, toHost, toDevice), Use::plus);
    }

    interface OnHost { Object run(Args a); }

    /** Runs an operator of a call that is on a device. */
    Object run(Operator operator, Args a, OnHost body) {
        Copies copies = new Copies(a.context());
        Object[] arguments = new Object[a.size()];
        for (int i = 0; i < arguments.length; i++) arguments[i] = copies.toHost(a.get(i));
        Object result = a.context().onHost(() -> body.run(new Args(a.context(), arguments)));
        List<Argument> formal = operator.schema().arguments();
        for (int i = 0; i < arguments.length; i++) {
            boolean declared = i < formal.size() && formal.get(i).isWritten();
            if (declared || copies.isWritten(arguments[i])) copies.writeBack(a.get(i), arguments[i]);
        }
        Object out = copies.toDevice(result);
        count(operator.schema().qualifiedName(), copies.toHost, copies.toDevice);
        return out;
    }

    /** The tensors of one run in both places. */
    private static final class Copies {
        private final CallContext context;
        private final Map<Tensor, Tensor> hostOf = new IdentityHashMap<>(), deviceOf = new IdentityHashMap<>();
        private final Map<Storage, Tensor> inputs = new IdentityHashMap<>();     // by the copy's storage: the input on the device
        private final Map<Tensor, Object> contents = new IdentityHashMap<>();   // of the copies' storages, before
        private long toHost, toDevice;

        Copies(CallContext context) { this.context = context; }

        Object toHost(Object value) {
            return switch (value) {
                case Tensor t when t.storage().isOnDevice() -> hostOf.computeIfAbsent(t, this::download);
                case ScriptList l when !l.isEmpty() && l.stream().anyMatch(Tensor.class::isInstance) ->
                    new ScriptList(l.elementType(), l.stream().map(this::toHost).toList());
                case null, default -> value;
            };
        }

        /** Whether something was written that the schema does not speak of: statistics of batch_norm. */
        boolean isWritten(Object copy) { return copy instanceof Tensor c && contents.containsKey(c) && contents.get(c) != c.storage().content(); }

        private Tensor download(Tensor t) {
            Tensor copy = t.cpu();
            contents.put(copy, copy.storage().content());
            toHost += t.spanBytes();
            deviceOf.put(copy, t);
            inputs.put(copy.storage(), t);
            return copy;
        }

        /** Brings what was written to the copy of an argument to the argument. */
        void writeBack(Object argument, Object copy) {
            if (argument instanceof Tensor t && copy instanceof Tensor c && c != t) {
                t.storage().beforeWrite(context.deviceCall().memory());
                if (!Arrays.equals(t.sizes(), c.sizes()) || !Arrays.equals(t.strides(), c.strides())) {
                    t.storage().grow(t.byteOffset() + c.spanBytes());
                    t.become(new Tensor(t.storage(), t.dtype(), t.offset(), c.sizes(), c.strides()));
                }
                upload(c, t);
            } else if (argument instanceof ScriptList l && copy instanceof ScriptList c) {
                for (int i = 0; i < l.size(); i++) writeBack(l.get(i), c.get(i));
            }
        }

        private void upload(Tensor from, Tensor to) {
            long bytes = from.spanBytes();
            if (bytes == 0) return;
            context.deviceCall().memory().upload(from.data().asSlice(from.byteOffset(), bytes), to.address(), bytes);
            toDevice += bytes;
        }

        Object toDevice(Object result) {
            return switch (result) {
                case Tensor t when !t.storage().isOnDevice() -> deviceOf.computeIfAbsent(t, this::fresh);
                case Object[] several -> Arrays.stream(several).map(this::toDevice).toArray();
                case ScriptList l when !l.isEmpty() && l.stream().anyMatch(Tensor.class::isInstance) ->
                    new ScriptList(l.elementType(), l.stream().map(this::toDevice).toList());
                case null, default -> result;
            };
        }

        /** A view of an input stays one; what is new is copied. */
        private Tensor fresh(Tensor t) {
            Tensor input = inputs.get(t.storage());
            if (input != null) return input.view(t.sizes(), t.strides(), input.offset() + t.offset());
            Tensor out = context.emptyStrided(t.dtype(), t.sizes(), t.strides());
            out.setRequiresGrad(t.requiresGrad());
            upload(t, out);
            return out;
        }
    }
}
