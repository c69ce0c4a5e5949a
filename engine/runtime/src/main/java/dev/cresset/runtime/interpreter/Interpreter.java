package dev.cresset.runtime.interpreter;

import dev.cresset.ir.diag.CressetException;
import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Location;
import dev.cresset.ir.graph.ScriptFunction;
import dev.cresset.ir.graph.SourceRange;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.profiler.timeline.Timeline;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;

/**
 * Runs functions of a program: keeps their compiled code, runs instructions, and says where a failing program was.
 * Safe from any number of threads.
 */
public final class Interpreter {
    private static final Set<String> CALLS = Set.of(Kinds.STATIC_SUBGRAPH, Kinds.FUSION_GROUP, Kinds.LIBRARY_GROUP);

    private final UnaryOperator<Graph> prepare;
    private final MemoryPool pool;
    private final Executor forks;
    private final Map<Object, Code> codes = Collections.synchronizedMap(new WeakHashMap<>());

    /**
     * @param prepare what is done to a graph before it is compiled: inlining and clean-up
     * @param pool    memory of forked tasks
     * @param forks   runs forked tasks, each on a thread of its own
     */
    public Interpreter(UnaryOperator<Graph> prepare, MemoryPool pool, Executor forks) {
        this.prepare = prepare;
        this.pool = pool;
        this.forks = forks;
    }

    /** The code of a function, compiled when first asked for. */
    public Code code(ScriptFunction function) {
        Code known = codes.get(function);
        if (known != null) return known;
        Code made = CodeCompiler.compile(function.qualifiedName(), prepare.apply(function.graph()));
        Code raced = codes.putIfAbsent(function, made);
        return raced != null ? raced : made;
    }

    /** The code of a graph that has been prepared already, with nodes of the profiling executor in it. */
    public Code code(String name, Graph prepared, Extensions extensions) { return CodeCompiler.compile(name, prepared, extensions); }

    private Code code(Graph fork) {
        Code known = codes.get(fork);
        if (known != null) return known;
        Code made = CodeCompiler.compile("__forked_function", prepare.apply(fork));
        codes.put(fork, made);
        return made;
    }

    /**
     * Runs code in a new call.
     *
     * @return its results; their memory belongs to the context's scope
     * @throws ScriptError if the program fails
     */
    public Object[] run(CallContext context, Code code, Object... arguments) { return run(context, null, code, arguments); }

    /** As above. @param timeline records what runs, or null */
    public Object[] run(CallContext context, Timeline timeline, Code code, Object... arguments) {
        Call call = new Call(this, context, timeline);
        try {
            return run(call, code, arguments);
        } finally {
            call.joinAll();
        }
    }

    /**
     * Runs code that a file asks to be run while it is loaded, and that therefore must end soon.
     *
     * @param maxInstructions after which the program is stopped with an error
     */
    public Object[] runBounded(CallContext context, long maxInstructions, Code code, Object... arguments) {
        Call call = new Call(this, context, null);
        call.limit(maxInstructions);
        try {
            return run(call, code, arguments);
        } finally {
            call.joinAll();
        }
    }

    Object[] run(Call call, Code code, Object[] arguments) {
        if (arguments.length != code.inputCount()) {
            throw new IllegalStateException(code.name() + " takes " + code.inputCount() + " arguments, got " + arguments.length);
        }
        call.enterFunction(code.name());
        Frame f = new Frame(call, code);
        for (int i = 0; i < arguments.length; i++) f.set(code.firstInput() + i, arguments[i]);
        int pc = 0;
        try {
            int end = code.instructionCount();
            if (call.isLimited() || call.timeline() != null) {
                while (pc < end) pc = watched(call, code, f, pc);
            } else {
                while (pc < end) pc = code.instruction(pc).run(f, pc);
            }
        } catch (RuntimeException | StackOverflowError e) {
            exitAll(f);
            throw located(e, code.location(pc));
        } finally {
            call.leaveFunction();
        }
        int[] results = code.results();
        Object[] values = new Object[results.length];
        for (int i = 0; i < results.length; i++) {
            values[i] = f.get(results[i]);
            Call.escape(values[i]);
        }
        return values;
    }

    /** One instruction, counted and timed. */
    private static int watched(Call call, Code code, Frame f, int pc) {
        if (call.isLimited()) call.count(code.name());
        if (call.timeline() == null) return code.instruction(pc).run(f, pc);
        long start = System.nanoTime();
        int next = code.instruction(pc).run(f, pc);
        long end = System.nanoTime();
        String label = code.label(pc);
        SourceRange range = code.location(pc).range();
        call.timeline().record(label, category(label), range == null ? "" : range.place(), start, end);
        return next;
    }

    /** Of a timeline's event; a static subgraph contains its steps as a call contains its operators. */
    private static String category(String label) {
        if (CALLS.contains(label)) return "call";
        return label.equals("control") || label.startsWith("prim::") ? "control" : "operator";
    }

    ForkedTask fork(Call parent, Graph body, Object[] captured) {
        if (parent.isLimited()) throw new ScriptError("a program must not fork while it is being loaded");
        CallContext c = parent.context();
        Scope memory = new Scope(pool);
        CallContext own = c.withScope(memory);
        Code code = code(body);
        ForkedTask task = new ForkedTask(memory, () -> run(own, parent.timeline(), code, captured)[0], forks);
        parent.add(task);
        return task;
    }

    Object callMethod(Call call, ScriptObject self, String method, Object... arguments) {
        ScriptFunction function = self.type().method(method).orElseThrow(
            () -> new ScriptError("AttributeError", self.type().name() + " has no method '" + method + "'"));
        Object[] results = run(call, code(function), arguments);
        return results.length == 0 ? null : results[0];
    }

    void exit(Call call, ScriptObject manager) { callMethod(call, manager, "__exit__", manager, null, null, null); }

    /** Runs the {@code __exit__} of all context managers that the failing function has entered, innermost first. */
    private void exitAll(Frame f) {
        for (ScriptObject manager = f.leave(); manager != null; manager = f.leave()) {
            try {
                exit(f.call, manager);
            } catch (RuntimeException _) {
                // the first error is the one to report
            }
        }
    }

    private static RuntimeException located(Throwable e, Location location) {
        return switch (e) {
            case ScriptError s -> s.isLocated() ? s : s.located(ErrorTrace.of(location));
            case UnsupportedException u -> new UnsupportedException(u.getMessage() + "\n" + ErrorTrace.of(location), u.operators());
            case CressetException c -> c;
            case StackOverflowError _ -> new ScriptError("RecursionError", "the program nests too deeply").located(ErrorTrace.of(location));
            default -> ScriptError.unexpected(e).located(ErrorTrace.of(location));
        };
    }
}
