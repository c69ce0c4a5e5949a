package dev.cresset.runtime.interpreter;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.profiler.timeline.Timeline;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** One call of a program on one thread: its context, and the tasks it has forked. */
public final class Call {
    private static final int MAX_DEPTH = 512;
    /** How long code may run that a file asks for while it is loaded. */
    private static final long LOADING_NANOS = 5_000_000_000L;

    private final CallContext context;
    private final Interpreter interpreter;
    private final Timeline timeline;
    private List<ForkedTask> forked;     // null until something is forked
    private int depth;
    private boolean limited;
    private long instructionsLeft;
    private long deadline;

    /** @param timeline records what runs, or null */
    Call(Interpreter interpreter, CallContext context, Timeline timeline) {
        this.timeline = timeline;
        this.interpreter = interpreter;
        this.context = context;
    }

    public CallContext context() { return context; }

    Timeline timeline() { return timeline; }

    Interpreter interpreter() { return interpreter; }

    void enterFunction(String name) {
        if (++depth > MAX_DEPTH) throw new ScriptError("RecursionError", "more than " + MAX_DEPTH + " nested calls, at " + name);
    }

    void leaveFunction() { depth--; }

    void limit(long maxInstructions) {
        limited = true;
        instructionsLeft = maxInstructions;
        deadline = System.nanoTime() + LOADING_NANOS;
    }

    boolean isLimited() { return limited; }

    void count(String function) {
        boolean over = --instructionsLeft < 0 || System.nanoTime() - deadline > 0;
        if (over) throw new ScriptError("TimeoutError", function + " runs too long for something that a file does while it is loaded");
    }

    void add(ForkedTask task) {
        if (forked == null) forked = new ArrayList<>();
        forked.add(task);
    }

    /** Waits for tasks that nobody has waited for, since they use this call's memory. Their failures stay theirs. */
    void joinAll() {
        if (forked == null) return;
        for (int i = 0; i < forked.size(); i++) forked.get(i).join(context.scope());
        forked.clear();
    }

    /** Marks the tensors in a value as referred to by more than registers. */
    static void escape(Object value) {
        switch (value) {
            case Tensor t -> {
                Storage s = t.storage();
                if (s.isScoped()) s.escape();
            }
            case dev.cresset.kernels.value.ScriptList l -> l.forEach(Call::escape);
            case dev.cresset.kernels.value.ScriptTuple l -> l.forEach(Call::escape);
            case null, default -> { }   // dicts and objects: what is in them escaped on its way in
        }
    }
}
