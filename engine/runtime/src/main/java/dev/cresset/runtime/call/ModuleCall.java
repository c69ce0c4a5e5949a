package dev.cresset.runtime.call;

import dev.cresset.Result;
import dev.cresset.ir.graph.ScriptFunction;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.runtime.interpreter.Code;
import dev.cresset.runtime.interpreter.Interpreter;
import dev.cresset.runtime.load.Reachable;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Tensor;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** Calls on one module: memory of the call, order among calls that change the module, hand-over of the result. */
public final class ModuleCall implements AutoCloseable {
    private final Settings settings;
    private final Interpreter interpreter;
    private final ScriptObject self;
    private final ModuleState state = new ModuleState();
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

    public ModuleCall(Settings settings, Interpreter interpreter, ScriptObject self) {
        this.settings = settings;
        this.interpreter = interpreter;
        this.self = self;
    }

    /** Runs a method. @param arguments those after {@code self} */
    public Result run(ScriptFunction method, Object[] arguments) {
        Code code = interpreter.code(method);
        var held = code.changesState() ? lock.writeLock() : lock.readLock();
        held.lock();
        try {
            return runLocked(code, arguments);
        } finally {
            held.unlock();
        }
    }

    private Result runLocked(Code code, Object[] arguments) {
        Object[] all = new Object[arguments.length + 1];
        all[0] = self;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        Scope scope = new Scope(settings.pool());
        Export export = new Export();
        try {
            long start = System.nanoTime();
            Object[] results = interpreter.run(settings.context(scope), settings.timeline(), code, all);
            if (settings.timeline() != null) settings.timeline().record(code.name(), "call", "", start, System.nanoTime());
            Object value = export.copy(results.length == 0 ? null : results[0]);
            return new Result(value, export.tensors());
        } finally {
            // also after a failure: the program may have changed attributes before; and a result that is an attribute
            // has one owner more, even where the call allocated nothing
            if (!scope.isEmpty() || code.changesState() || !export.owners().isEmpty()) settle(scope, export, code, arguments);
        }
    }

    private void settle(Scope scope, Export export, Code code, Object[] arguments) {
        if (code.changesState()) state.update(self, export.owners());
        for (Object argument : arguments) {
            if (argument instanceof Tensor) continue;
            for (Tensor t : new Reachable(argument).tensors()) export.keep(t);
        }
        scope.close(export.owners());
        state.releaseDropped();
    }

    /** Runs something that changes the module, while no call runs. */
    public void exclusively(Runnable change) {
        lock.writeLock().lock();
        try {
            change.run();
        } finally {
            lock.writeLock().unlock();
        }
    }

    @Override public void close() { exclusively(state::close); }

}
