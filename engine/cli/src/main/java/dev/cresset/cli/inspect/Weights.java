package dev.cresset.cli.inspect;

import dev.cresset.ir.type.ClassType;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * How much a module and all below it hold. Shared tensors count once.
 *
 * @param parameters elements of parameters
 * @param buffers    elements of buffers
 * @param bytes      memory of both
 */
record Weights(long parameters, long buffers, long bytes) {
    static Weights of(ScriptObject root) {
        long parameters = 0, buffers = 0, bytes = 0;
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Set<Storage> storages = Collections.newSetFromMap(new IdentityHashMap<>());
        ArrayDeque<ScriptObject> open = new ArrayDeque<>();
        open.add(root);
        while (!open.isEmpty()) {
            ScriptObject module = open.poll();
            if (!seen.add(module)) continue;
            for (ClassType.Attribute a : module.type().attributes()) {
                Object value = module.get(a.name());
                if (value instanceof ScriptObject o && o.type().isModule()) open.add(o);
                if (!(value instanceof Tensor t) || a.kind() == ClassType.AttributeKind.PLAIN || !seen.add(t)) continue;
                if (a.kind() == ClassType.AttributeKind.PARAMETER) parameters += t.numel();
                else buffers += t.numel();
                if (storages.add(t.storage())) bytes += t.numel() * t.dtype().byteSize();
            }
        }
        return new Weights(parameters, buffers, bytes);
    }
}
