package dev.cresset.runtime.executor;

import dev.cresset.Explanation;
import dev.cresset.ir.graph.ScriptFunction;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.plan.Target;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.runtime.interpreter.Interpreter;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The executors of one program's functions, shared by its instances; closed with the last user. */
public final class ProgramExecutor {
    private final Interpreter interpreter;
    private final PlanMaker maker;
    private final ScriptObject prototype;
    private final ExecutorSettings settings;
    private final Background background;
    private final Map<ScriptFunction, FunctionExecutor> functions = new ConcurrentHashMap<>();
    private final Runnable whenUnused;
    private int users = 1;

    /**
     * @param target     what plans run on
     * @param prototype  the module as loaded, of which instances are copies
     * @param whenUnused what to do when the last user is gone
     */
    public ProgramExecutor(Catalog catalog, Interpreter interpreter, ExecutorSettings settings, Background background, Target target,
        ScriptObject prototype, Runnable whenUnused) {
        this.whenUnused = whenUnused;
        this.prototype = prototype;
        this.interpreter = interpreter;
        this.maker = new PlanMaker(catalog, interpreter, target, settings.isSynchronous() ? null : background::submit);
        this.settings = settings;
        this.background = background;
    }

    /** The executor of a function. */
    public FunctionExecutor of(ScriptFunction function) {
        FunctionExecutor known = functions.get(function);
        return known != null ? known : functions.computeIfAbsent(function,
            f -> new FunctionExecutor(interpreter, maker, settings, background, interpreter.code(f), prototype));
    }

    /** All that have run, by name. */
    public List<FunctionExecutor> all() {
        return functions.values().stream().sorted(Comparator.comparing(f -> f.plain().name())).toList();
    }

    /** What the functions have been run by, and why. */
    public Explanation explain() { return new Explanation(settings.mode(), all().stream().map(FunctionReport::of).toList()); }

    /** Waits until the plans that have been asked for are made. */
    public void await() { background.await(); }

    /** One user more: the program, or an instance. */
    public synchronized ProgramExecutor retain() {
        users++;
        return this;
    }

    /** One user less; the last one frees all plans. */
    public synchronized void release() {
        if (--users != 0) return;
        functions.values().forEach(FunctionExecutor::close);
        whenUnused.run();
    }
}
