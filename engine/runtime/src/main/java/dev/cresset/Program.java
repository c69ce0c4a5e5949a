package dev.cresset;

import dev.cresset.ir.archive.ModelFile;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.ScriptFunction;
import dev.cresset.ir.schema.FunctionSchema;
import dev.cresset.ir.type.ClassType;
import dev.cresset.runtime.call.Settings;
import dev.cresset.runtime.executor.ProgramExecutor;
import dev.cresset.runtime.interpreter.Interpreter;
import dev.cresset.runtime.load.InstanceCopy;
import dev.cresset.runtime.load.LoadedProgram;
import dev.cresset.runtime.load.OperatorSurvey;
import dev.cresset.runtime.load.Reachable;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A loaded TorchScript program: code and weights, shared by any number of module instances.
 *
 * <p>A program is not its state: {@link #instantiate()} gives a module with its own mutable attributes. What an
 * instance
 * writes in place becomes its own copy; all else stays shared.
 */
public final class Program implements AutoCloseable {
    private final Settings settings;
    private final Interpreter interpreter;
    private final LoadedProgram loaded;
    private final ProgramExecutor executor;
    private final AtomicBoolean closed = new AtomicBoolean();

    Program(Settings settings, Interpreter interpreter, LoadedProgram loaded, ProgramExecutor executor) {
        this.executor = executor;
        this.settings = settings;
        this.interpreter = interpreter;
        this.loaded = loaded;
    }

    /** A module with the attributes the archive holds and a state of its own. */
    public ScriptModule instantiate() {
        return new ScriptModule(settings, executor.retain(), InstanceCopy.of(loaded.prototype()));
    }

    /** The archive behind the program: version, kind, extra files. */
    public ModelFile file() { return loaded.file(); }

    /** The main module's class: its attributes and methods. */
    public ClassType mainClass() { return loaded.mainClass(); }

    /** Names of the main module's methods, {@code forward} among them as a rule. */
    public List<String> methods() { return List.copyOf(loaded.mainClass().methods().keySet()); }

    /**
     * A method's arguments, {@code self} first, and what it returns.
     *
     * @throws IllegalArgumentException if there is no such method
     */
    public FunctionSchema schema(String method) { return function(method).schema(); }

    /**
     * The graph of a method of the main module as it was compiled, calls not inlined.
     *
     * @throws IllegalArgumentException if there is no such method
     */
    public Graph graph(String method) { return function(method).graph(); }

    /** The graph of a method as it runs: calls inlined, cleaned up. */
    public Graph preparedGraph(String method) { return interpreter.code(function(method)).graph(); }

    /**
     * All operators that the main module's methods may reach, those that are missing among them. Compiles, runs
     * nothing.
     */
    public LoadReport report() { return report(methods()); }

    /** As {@link #report()}, for some methods only. Names that are no methods are passed over. */
    public LoadReport report(Collection<String> methods) {
        List<ScriptFunction> functions = methods.stream().distinct()
            .flatMap(m -> loaded.mainClass().method(m).stream()).toList();
        return OperatorSurvey.of(functions, new Reachable(loaded.prototype()).classes());
    }

    private ScriptFunction function(String method) {
        return loaded.mainClass().method(method).orElseThrow(() ->
            new IllegalArgumentException("the module has no method '" + method
            + "'; it has " + methods()));
    }

    /** What runs the methods: profiles and plans; for tools. */
    public ProgramExecutor executor() { return executor; }

    /** What is shared by the instances; for tools. */
    public LoadedProgram loaded() { return loaded; }

    /** Ends reading from the archive. Instances stay usable. */
    @Override public void close() {
        loaded.file().close();
        if (closed.compareAndSet(false, true)) executor.release();
    }
}
