package dev.cresset.runtime.executor;

import dev.cresset.kernels.plan.StaticPlan;
import dev.cresset.kernels.plan.SymbolicCode;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.runtime.interpreter.Code;
import dev.cresset.runtime.specialize.Frozen;
import dev.cresset.runtime.specialize.Pattern;
import dev.cresset.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A specialised graph made ready to run, and what it relies on. Shared by any number of calls; whoever runs it has entered
 * it before and leaves it after, so that its memory outside the heap can be freed when it is no longer wanted.
 */
final class Plan {
    private final String name;
    private final Code code;
    private final Pattern[] patterns;
    private final long key;
    private final Map<Frozen.Place, Pattern> states;
    private final Frozen frozen;
    private final List<StaticPlan> subgraphs;
    private final SymbolicCode groups;
    private final boolean symbolic;
    private final PlanText text;
    final Trial trial;
    private int users;
    private boolean retired, freed;
    volatile long lastUse;

    /**
     * @param key      of the arguments it is for: see {@link #keyOf}, or if it is for any sizes {@link #keyOfAnySize}
     * @param symbolic it is for any sizes
     * @param groups   runs its groups outside of static subgraphs; the plan's from now on
     */
    Plan(String name, Code code, List<Pattern> patterns, long key, Map<Frozen.Place, Pattern> states, Frozen frozen, boolean symbolic,
        SymbolicCode groups, PlanText text) {
        this.name = name;
        this.code = code;
        this.patterns = patterns.toArray(Pattern[]::new);
        this.key = key;
        this.states = states;
        this.frozen = frozen;
        this.subgraphs = text.parts().stream().map(PlanText.Part::plan).toList();
        this.groups = groups;
        this.symbolic = symbolic;
        this.trial = symbolic ? Trial.ofManySizes() : Trial.ofOneSize();
        this.text = text;
    }

    /** What arguments that some plan fits have in common: types and sizes of their tensors, in one number. */
    static long keyOf(Object[] arguments) { return keyOf(arguments, true); }

    /** As {@link #keyOf}, of types and numbers of dimensions only. */
    static long keyOfAnySize(Object[] arguments) { return keyOf(arguments, false); }

    private static long keyOf(Object[] arguments, boolean sizes) {
        long h = arguments.length;
        for (Object a : arguments) h = h * 0x9E3779B97F4A7C15L + keyOf(a, sizes);
        return h;
    }

    private static long keyOf(Object a, boolean sizes) {
        return switch (a) {
            case Tensor t when sizes -> {
                long h = t.dtype().ordinal() + 1;
                for (long s : t.sizes()) h = h * 0xBF58476D1CE4E5B9L + s;
                for (long s : t.strides()) h = h * 31 + s;
                yield h ^ h >>> 29;
            }
            case Tensor t -> 64L * t.dtype().ordinal() + t.dim() + 1;
            case List<?> l -> {
                long h = l.size();
                for (Object o : l) h = h * 0x94D049BB133111EBL + (o instanceof Tensor || o instanceof List<?> ? keyOf(o, sizes) : 7);
                yield h;
            }
            case null -> 3;
            default -> 5;
        };
    }

    /** Elements of all tensors among arguments. */
    static long elements(Object[] arguments) {
        long n = 0;
        for (Object a : arguments) {
            if (a instanceof Tensor t) n += t.numel();
            else if (a instanceof List<?> l) n += elements(l.toArray());
        }
        return n;
    }

    long key() { return key; }

    String name() { return name; }

    Code code() { return code; }

    PlanText text() { return text; }

    List<Pattern> patterns() { return List.of(patterns); }

    Frozen frozen() { return frozen; }

    /** True if the arguments are what the plan relies on. */
    boolean fits(Object[] arguments) {
        for (int i = 0; i < patterns.length; i++) if (!patterns[i].matches(arguments[i])) return false;
        return true;
    }

    /** Why arguments do not fit, as a sentence. */
    String misfit(Object[] arguments) {
        for (int i = 0; i < patterns.length; i++) {
            if (!patterns[i].matches(arguments[i])) return patterns[i].mismatch("%" + code.graph().inputs().get(i).hint(), arguments[i]);
        }
        return "nothing";
    }

    /** The first attribute that changes and is not of the type the plan relies on. */
    Optional<Map.Entry<Frozen.Place, Pattern>> wrongState(ScriptObject self) {
        if (states.isEmpty()) return Optional.empty();
        for (Map.Entry<Frozen.Place, Pattern> e : states.entrySet()) {
            if (!e.getValue().matches(Frozen.attribute(self, e.getKey().path()))) return Optional.of(e);
        }
        return Optional.empty();
    }

    /** True if an instance has the attributes that the plan relies on. */
    boolean fitsInstance(ScriptObject self) { return frozen.firstDifference(self).isEmpty() && wrongState(self).isEmpty(); }

    /** What it relies on of attributes that change. */
    Map<Frozen.Place, Pattern> states() { return states; }

    List<StaticPlan> subgraphs() { return subgraphs; }

    /** True if it is for arguments of any sizes. */
    boolean isSymbolic() { return symbolic; }

    /** True if its kernels are fast. */
    boolean isWarm() { return subgraphs.stream().allMatch(StaticPlan::isWarm) && groups.isWarm(); }

    /** Runs its kernels until they are fast. */
    void warm() {
        subgraphs.forEach(StaticPlan::warm);
        groups.warm();
    }

    long nativeBytes() { return subgraphs.stream().mapToLong(StaticPlan::nativeBytes).sum() + groups.nativeBytes(); }

    /** Counts the caller as a user; false if the plan is no longer wanted. */
    synchronized boolean enter() {
        if (retired) return false;
        users++;
        return true;
    }

    synchronized void leave() { if (--users == 0 && retired) free(); }

    /** Nobody may enter any more; its memory is freed when the last user has left. */
    synchronized void retire() {
        if (retired) return;
        retired = true;
        if (users == 0) free();
    }

    private void free() {
        subgraphs.forEach(StaticPlan::close);
        groups.close();
        freed = true;
    }

    /** True if its memory outside the heap has been given back. */
    synchronized boolean isFreed() { return freed; }
}
