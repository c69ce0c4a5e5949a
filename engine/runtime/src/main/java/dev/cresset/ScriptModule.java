package dev.cresset;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.graph.ScriptFunction;
import dev.cresset.kernels.value.ScriptDict;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.runtime.call.Arguments;
import dev.cresset.runtime.call.ModuleCall;
import dev.cresset.runtime.call.Settings;
import dev.cresset.runtime.executor.ProgramExecutor;
import dev.cresset.runtime.load.InstanceCopy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A module instance: the program's code with attributes of its own. Calls are safe from any thread; calls of methods
 * that
 * change attributes run one after the other, all others at the same time.
 */
public final class ScriptModule implements AutoCloseable {
    private final Settings settings;
    private final ProgramExecutor executor;
    private final ScriptObject self;
    private final ModuleCall calls;

    ScriptModule(Settings settings, ProgramExecutor executor, ScriptObject self) {
        this.settings = settings;
        this.executor = executor;
        this.self = self;
        this.calls = new ModuleCall(settings, executor, self);
    }

    /** Calls {@code forward}. See {@link #call(String, List, Map)}. */
    public Result forward(Object... arguments) { return call("forward", java.util.Arrays.asList(arguments), Map.of()); }

    /** Calls a method with positional arguments. See {@link #call(String, List, Map)}. */
    public Result call(String method, Object... arguments) {
        return call(method, java.util.Arrays.asList(arguments), Map.of());
    }

    /**
     * Calls a method.
     *
     * @param positional tensors, numbers, booleans, strings, null for None; lists and arrays for lists and tuples; maps
     * for
     *                   dicts; {@link ScriptList} and {@link ScriptDict} to see in-place changes
     * @param named      arguments by name
     * @return the result, to be closed by the caller
     * @throws ScriptError if the arguments do not fit, or the program fails; the message shows the model's own source
     * lines
     * @throws dev.cresset.ir.diag.UnsupportedException if the call reaches an operator that is not supported
     * @throws dev.cresset.ir.diag.ScriptException if the method's code does not compile
     */
    public Result call(String method, List<?> positional, Map<String, ?> named) {
        ScriptFunction function = function(method);
        return calls.run(function, Arguments.bind(function.schema(), method, positional, named), named.isEmpty() ? positional : all(positional, named));
    }

    private static List<Object> all(List<?> positional, Map<String, ?> named) {
        List<Object> all = new ArrayList<>(positional);
        all.addAll(named.values());
        return all;
    }

    private ScriptFunction function(String method) {
        return self.type().method(method).orElseThrow(() -> new ScriptError("AttributeError",
            "the module " + self.type().name() + " has no method '" + method + "'; it has "
                + self.type().methods().keySet()));
    }

    /**
     * Makes a method fast for such arguments ahead of traffic, for all modules of the program that are as this one is now
     * (in evaluation mode, say). See {@link Program#warmup(String, Object...)}.
     */
    public void warmup(String method, Object... arguments) { warmup(method, java.util.Arrays.asList(arguments), Map.of()); }

    /** As above, with arguments by name. */
    public void warmup(String method, List<?> positional, Map<String, ?> named) {
        ScriptFunction function = function(method);
        Object[] arguments = Arguments.bind(function.schema(), method, positional, named);
        AtomicReference<ScriptObject> copy = new AtomicReference<>();
        calls.exclusively(() -> copy.set(InstanceCopy.of(self)));
        try (ScriptModule stand = new ScriptModule(settings.unnoticed(), executor.retain(), copy.get())) {
            stand.calls.warm(function, arguments);
        }
    }

    /** Puts the module and all modules below into evaluation mode, as PyTorch's {@code eval()}. */
    public ScriptModule eval() { return train(false); }

    /** Sets {@code training} on the module and all modules below that have it. */
    public ScriptModule train(boolean training) {
        calls.exclusively(() -> setTraining(self, training, Collections.newSetFromMap(new IdentityHashMap<>())));
        return this;
    }

    private static void setTraining(ScriptObject module, boolean training, Set<ScriptObject> seen) {
        if (!module.type().isModule() || !seen.add(module)) return;
        if (module.type().slot("training") >= 0) module.set("training", training);
        for (int i = 0; i < module.slotCount(); i++) if (module.get(i) instanceof ScriptObject o) setTraining(o,
            training, seen);
    }

    /** The module object: attributes by name. To be read only. */
    public ScriptObject object() { return self; }

    /** Gives the memory of the module's state back. The module must not be used afterwards. */
    @Override public void close() { calls.close(); }
}
