package dev.cresset.runtime.call;

import dev.cresset.Result;
import dev.cresset.ir.graph.ScriptFunction;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Precision;
import dev.cresset.kernels.value.ScriptDict;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.runtime.interpreter.Code;
import dev.cresset.runtime.executor.FunctionExecutor;
import dev.cresset.runtime.executor.InstanceChecks;
import dev.cresset.runtime.executor.ProgramExecutor;
import dev.cresset.runtime.load.DeepCopy;
import dev.cresset.runtime.load.Reachable;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** Calls on one module: memory of the call, order among calls that change the module, hand-over of the result. */
public final class ModuleCall implements AutoCloseable {
    /** More than profiling, a kind of arguments becoming hot, and a trial take together. */
    private static final int WARMUP_CALLS = 100;

    private final Settings settings;
    private final ProgramExecutor executor;
    private final InstanceChecks checks = new InstanceChecks();
    private final ScriptObject self;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final ModuleState state = new ModuleState();
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

    /** @param executor of the program; this instance has been counted as a user of it */
    public ModuleCall(Settings settings, ProgramExecutor executor, ScriptObject self) {
        this.settings = settings;
        this.executor = executor;
        this.self = self;
    }

    /**
     * Runs a method.
     *
     * @param arguments those after {@code self}
     * @param given     what the caller passed for them: lists and dicts of a program among it stay the caller's
     */
    public Result run(ScriptFunction method, Object[] arguments, List<?> given) {
        FunctionExecutor function = executor.of(method);
        var held = function.plain().changesState() ? lock.writeLock() : lock.readLock();
        held.lock();
        try {
            return runLocked(function, arguments, given);
        } finally {
            held.unlock();
        }
    }

    /**
     * Runs a method until what answers a call with such arguments is decided: the runs that are recorded, then those in
     * which a plan is compared with the unoptimised graph. Plans are made meanwhile.
     *
     * @param arguments as for {@link #run}; each run gets copies
     */
    public void warm(ScriptFunction method, Object[] arguments) {
        Object[] all = withSelf(settings.accelerator() == null ? arguments : SeenByCalls.of(arguments, settings.accelerator()));
        for (int i = 0; i < WARMUP_CALLS && !executor.of(method).isSettled(all); i++) {
            DeepCopy copy = new DeepCopy();
            run(method, Arrays.stream(arguments).map(copy::copy).toArray(), List.of()).close();
            executor.await();
            if (Thread.currentThread().isInterrupted()) return;
        }
    }

    private Object[] withSelf(Object[] arguments) {
        Object[] all = new Object[arguments.length + 1];
        all[0] = self;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return all;
    }

    private Result runLocked(FunctionExecutor function, Object[] arguments, List<?> given) {
        if (settings.accelerator() == null) return runIn(settings.context(new Scope(settings.pool())), function, withSelf(arguments), given, null, arguments);
        try (DeviceVisit visit = new DeviceVisit(settings.accelerator())) {
            Scope scope = new Scope(settings.pool());
            CallContext context = visit.enter(settings.context(scope));
            Object[] there = withSelf(arguments);
            boolean done = false;
            try {
                visit.join(state.storages());
                for (int i = 1; i < there.length; i++) there[i] = visit.bring(there[i]);
                Result result = runIn(context, function, there, given, visit, arguments);
                done = true;
                return result;
            } finally {
                if (!done) {
                    scope.close();      // what was brought before the next argument could not be
                    visit.restore(arguments);
                }
            }
        }
    }

    /**
     * @param all       the arguments as the call sees them, {@code self} first
     * @param visit     of the device that it runs on; null for the host
     * @param arguments as the caller sees them
     */
    private Result runIn(CallContext context, FunctionExecutor function, Object[] all, List<?> given, DeviceVisit visit, Object[] arguments) {
        Code code = function.plain();
        Scope scope = context.scope();
        Export export = new Export(context, settings.accelerator() == null ? Precision.FP32 : settings.accelerator().precision());
        try {
            long start = System.nanoTime();
            Object[] results = function.run(context, settings.timeline(), checks, all);
            if (settings.timeline() != null) settings.timeline().record(code.name(), "call", "", start, System.nanoTime());
            if (visit != null) visit.raise();
            Object value = export.result(results.length == 0 ? null : results[0]);
            if (visit != null) visit.takeBack(arguments);
            return new Result(value, export.tensors());
        } finally {
            if (code.changesState()) checks.forget();
            // also after a failure: the program may have changed attributes before; and a result that is an attribute
            // has one owner more, even where the call allocated nothing
            if (!scope.isEmpty() || code.changesState() || !export.tensors().isEmpty()) settle(scope, export, code, given);
        }
    }

    private void settle(Scope scope, Export export, Code code, List<?> given) {
        if (code.changesState()) state.update(self, export);
        if (hasContainers(given)) for (Tensor t : containersOf(given)) export.keep(t);
        export.handOver(scope);
        scope.close();
        state.releaseDropped();
    }

    private static boolean hasContainers(List<?> given) {
        for (int i = 0; i < given.size(); i++) {
            Object o = given.get(i);
            if (o != null && !(o instanceof Tensor) && !(o instanceof Number)) return true;
        }
        return false;
    }

    /** The tensors in the program's own containers; an ordinary list or map was copied, and its copy dies with the call. */
    private static Set<Tensor> containersOf(Collection<?> given) {
        Set<Tensor> tensors = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Object o : given) {
            switch (o) {
                case ScriptList _, ScriptDict _, ScriptTuple _, ScriptObject _ -> tensors.addAll(new Reachable(o).tensors());
                case Collection<?> c -> tensors.addAll(containersOf(c));
                case Map<?, ?> m -> tensors.addAll(containersOf(m.values()));
                case null, default -> { }
            }
        }
        return tensors;
    }

    /** Runs something that changes the module, while no call runs. */
    public void exclusively(Runnable change) {
        lock.writeLock().lock();
        try {
            change.run();
        } finally {
            checks.forget();
            lock.writeLock().unlock();
        }
    }

    @Override public void close() {
        exclusively(state::close);
        if (closed.compareAndSet(false, true)) executor.release();
    }
}
