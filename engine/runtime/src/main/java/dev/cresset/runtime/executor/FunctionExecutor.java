package dev.cresset.runtime.executor;

import dev.cresset.ExecutionMode;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Node;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.profiler.profile.BranchProfile;
import dev.cresset.profiler.profile.Profile;
import dev.cresset.profiler.profile.TypeProfile;
import dev.cresset.profiler.timeline.Timeline;
import dev.cresset.runtime.interpreter.Code;
import dev.cresset.runtime.interpreter.Extensions;
import dev.cresset.runtime.interpreter.Interpreter;
import dev.cresset.runtime.specialize.Frozen;
import dev.cresset.runtime.specialize.GuardPlan;
import dev.cresset.runtime.specialize.Pattern;
import dev.cresset.runtime.specialize.Patterns;
import dev.cresset.runtime.specialize.Unspecialisable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Runs one function of a program: profiles its first runs, has plans made for the arguments it sees, and answers each call
 * by a plan that fits or by the unoptimised graph. Safe from any number of threads.
 */
public final class FunctionExecutor {
    private static final int PLANS = 8, EXACT = 4, HOT = 16;
    private static final int GUARDS_WITHIN = 4;
    private static final int MAX_FAILURES_OF_A_KIND = 2;

    private final Interpreter interpreter;
    private final PlanMaker maker;
    private final ExecutorSettings settings;
    private final Background background;
    private final Code plain;
    private final Patterns patterns;
    private final AtomicInteger profileRuns;
    private final GuardFailures failures = new GuardFailures();
    private final Arrivals arrivals = new Arrivals();
    private final LongAdder plainCalls = new LongAdder(), planCalls = new LongAdder();
    private final Set<Integer> varying = new HashSet<>();
    private final Set<List<Integer>> changing = new HashSet<>(), untyped = new HashSet<>();
    private final Set<Node> failing = Collections.newSetFromMap(new IdentityHashMap<>());
    private final AtomicInteger made = new AtomicInteger();
    private volatile Profile profile;
    private volatile Code profiling;
    private volatile Graph guarded;
    private volatile Plan[] plans = {};
    private volatile String hopeless;
    private volatile boolean closed;

    FunctionExecutor(Interpreter interpreter, PlanMaker maker, ExecutorSettings settings, Background background, Code plain) {
        this.interpreter = interpreter;
        this.maker = maker;
        this.settings = settings;
        this.background = background;
        this.plain = plain;
        this.patterns = new Patterns(plain.graph());
        this.profileRuns = new AtomicInteger(settings.profileRuns());
    }

    /** The unoptimised code. */
    public Code plain() { return plain; }

    /**
     * Runs the function.
     *
     * @param instance what is known of the module it belongs to
     * @return its results; their memory belongs to the context's scope
     */
    public Object[] run(CallContext context, Timeline timeline, InstanceChecks instance, Object[] arguments) {
        if (settings.mode() == ExecutionMode.INTERPRET || hopeless != null) {
            plainCalls.increment();
            return interpreter.run(context, timeline, plain, arguments);
        }
        if (settings.mode() == ExecutionMode.PROFILE || profileRuns.get() > 0) return profiled(context, timeline, arguments);
        long key = Plan.keyOf(arguments);
        Plan plan = find(key, instance, arguments);
        if (plan == null && settings.isSynchronous()) plan = makeNow(key, instance, arguments);
        if (plan == null) {
            if (!settings.isSynchronous()) miss(key, instance, arguments);
            plainCalls.increment();
            return interpreter.run(context, timeline, plain, arguments);
        }
        return settings.isSynchronous() ? byPlan(context, timeline, plan, arguments) : timed(context, timeline, plan, arguments);
    }

    // ---- profiling

    private Object[] profiled(CallContext context, Timeline timeline, Object[] arguments) {
        plainCalls.increment();
        Object[] results = interpreter.run(context, timeline, profilingCode(), arguments);
        profileRuns.getAndUpdate(n -> Math.max(0, n - 1));
        return results;
    }

    private Code profilingCode() {
        Code known = profiling;
        if (known != null) return known;
        synchronized (this) {
            if (profiling == null) {
                Profile fresh = Profile.of(plain.graph());
                profile = fresh;
                profiling = interpreter.code(plain.name(), fresh.graph(), new Extensions() {
                    @Override public TypeProfile record(Node node) { return fresh.record(node); }

                    @Override public BranchProfile branch(Node node) { return fresh.branch(node); }
                });
            }
            return profiling;
        }
    }

    private synchronized Graph guardedGraph() {
        if (guarded == null) {
            profilingCode();
            guarded = profile.guarded();
        }
        return guarded;
    }

    // ---- finding a plan

    /** A plan for this call that the caller has entered, or null. */
    private Plan find(long key, InstanceChecks instance, Object[] arguments) {
        Plan[] all = plans;
        boolean known = false;
        for (Plan p : all) {
            if (p.key() != key) continue;
            known = true;
            if (!p.fits(arguments) || settings.failsOnPurpose()) {
                misfit(p, arguments);
                continue;
            }
            if (!fitsInstance(p, instance, arguments)) continue;
            if (!settings.isSynchronous() && !p.trial.planRuns()) {
                if (p.trial.isDecided()) return null;
                return p.enter() ? p : null;
            }
            if (p.enter()) return p;
        }
        if (!known && all.length > 0) failed(all[0].misfit(arguments));
        return null;
    }

    private void failed(String sentence) {
        failures.add(sentence);
        PlanEvents.guardFailed(plain.name(), sentence);
    }

    private boolean fitsInstance(Plan p, InstanceChecks instance, Object[] arguments) {
        if (arguments.length == 0 || !(arguments[0] instanceof ScriptObject self)) return true;
        if (!instance.holds(p.frozen())) {
            Optional<Frozen.Place> different = p.frozen().firstDifference(self);
            if (different.isPresent()) {
                changed(different.get());
                return false;
            }
            instance.checked(p.frozen());
        }
        Optional<Map.Entry<Frozen.Place, Pattern>> wrong = p.wrongState(self);
        wrong.ifPresent(e -> wrongState(e, self));
        return wrong.isEmpty();
    }

    private void misfit(Plan p, Object[] arguments) {
        String sentence = settings.failsOnPurpose() && p.fits(arguments) ? "a guard failed on purpose" : p.misfit(arguments);
        failed(sentence);
        synchronized (varying) {
            for (int i = 0; i < arguments.length; i++) {
                if (p.patterns().get(i) instanceof Pattern.OfConstant c && !c.matches(arguments[i]) && arrivals.failed(i) >= MAX_FAILURES_OF_A_KIND) varying.add(i);
            }
        }
    }

    private void changed(Frozen.Place place) {
        String sentence = "self." + place.name() + ": expected what it was when the plan was made, got something else";
        failed(sentence);
        synchronized (varying) {
            if (arrivals.failed(place) >= MAX_FAILURES_OF_A_KIND) changing.add(place.path());
        }
    }

    private void wrongState(Map.Entry<Frozen.Place, Pattern> expected, ScriptObject self) {
        Object got = Frozen.attribute(self, expected.getKey().path());
        String sentence = expected.getValue().mismatch("self." + expected.getKey().name(), got);
        failed(sentence);
        synchronized (varying) {
            if (arrivals.failed(expected.getKey()) >= MAX_FAILURES_OF_A_KIND) untyped.add(expected.getKey().path());
        }
    }

    /** A guard within a plan: false if the value is not as expected. */
    private boolean check(PlanMaker.Guard guard, Object value) {
        boolean holds = guard.pattern().matches(value);
        if (holds && !settings.failsOnPurpose()) return true;
        String sentence = holds ? "a guard failed on purpose" : guard.pattern().mismatch(guard.name(), value);
        failed(sentence);
        synchronized (varying) {
            if (!holds && arrivals.failed(guard.node()) >= MAX_FAILURES_OF_A_KIND) failing.add(guard.node());
        }
        return false;
    }

    // ---- running

    private Object[] byPlan(CallContext context, Timeline timeline, Plan plan, Object[] arguments) {
        try {
            plan.lastUse = System.nanoTime();
            planCalls.increment();
            return settings.mode() == ExecutionMode.SHADOW
                ? Shadow.run(interpreter, context, timeline, plain, plan.code(), arguments)
                : interpreter.run(context, timeline, plan.code(), arguments);
        } finally {
            plan.leave();
        }
    }

    private Object[] timed(CallContext context, Timeline timeline, Plan plan, Object[] arguments) {
        try {
            long start = System.nanoTime();
            plan.lastUse = start;
            boolean planRuns = plan.trial.planRuns();
            (planRuns ? planCalls : plainCalls).increment();
            Object[] results = interpreter.run(context, timeline, planRuns ? plan.code() : plain, arguments);
            long took = System.nanoTime() - start;
            if (planRuns) plan.trial.planTook(took);
            else plan.trial.otherTook(took);
            return results;
        } finally {
            plan.leave();
        }
    }

    // ---- making plans

    private void miss(long key, InstanceChecks instance, Object[] arguments) {
        for (Plan p : plans) if (p.key() == key && p.trial.isDecided() && !p.trial.isWon() && p.fits(arguments)) return;
        int seen = arrivals.seen(key);
        boolean wanted = arrivals.kinds() <= EXACT || seen >= HOT;
        if (!wanted || !arrivals.request(key)) return;
        List<Pattern> expected = expected(arguments);
        ScriptObject self = arguments.length > 0 && arguments[0] instanceof ScriptObject o ? o : null;
        if (!background.submit(() -> make(key, expected, self))) arrivals.answered(key);
    }

    private List<Pattern> expected(Object[] arguments) {
        synchronized (varying) {
            return patterns.of(arguments, Set.copyOf(varying));
        }
    }

    /** Makes a plan in this call and enters it; null if that is not possible, or the instance does not fit. */
    private Plan makeNow(long key, InstanceChecks instance, Object[] arguments) {
        ScriptObject self = arguments.length > 0 && arguments[0] instanceof ScriptObject o ? o : null;
        for (Plan p : plans) if (p.key() == key && p.fits(arguments) && settings.mode() == ExecutionMode.DEOPT) return null;
        synchronized (this) {
            make(key, expected(arguments), self);
        }
        for (Plan p : plans) if (p.key() == key && p.fits(arguments) && fitsInstance(p, instance, arguments) && p.enter()) return p;
        return null;
    }

    private void make(long key, List<Pattern> expected, ScriptObject self) {
        if (closed || hopeless != null) return;
        if (isServed(key, expected, self)) {    // another call has asked for it meanwhile
            arrivals.answered(key);
            return;
        }
        long start = System.nanoTime();
        try {
            Plan plan = maker.make(request(key, expected, self));
            if (!settings.isSynchronous()) plan.warm();
            add(plan);
            PlanEvents.specialised(plain.name(), plan, System.nanoTime() - start);
        } catch (Unspecialisable e) {
            hopeless = e.getMessage();
        } catch (RuntimeException | StackOverflowError e) {
            if (settings.isSynchronous()) throw e;
            hopeless = "specialising failed: " + e;
        } finally {
            arrivals.answered(key);
        }
    }

    private boolean isServed(long key, List<Pattern> expected, ScriptObject self) {
        for (Plan p : plans) if (p.key() == key && p.patterns().equals(expected) && (self == null || p.fitsInstance(self))) return true;
        return false;
    }

    private PlanMaker.Request request(long key, List<Pattern> expected, ScriptObject self) {
        Graph graph = guardedGraph();
        synchronized (varying) {
            Set<Node> failed = Collections.newSetFromMap(new IdentityHashMap<>());
            failed.addAll(failing);
            GuardPlan guards = new GuardPlan(GUARDS_WITHIN, failed, new HashSet<>(untyped), profile.oneSided());
            return new PlanMaker.Request(plain.name() + "#" + made.incrementAndGet(), graph, expected, key, self, new HashSet<>(changing), guards,
                this::check);
        }
    }

    private synchronized void add(Plan plan) {
        List<Plan> now = new ArrayList<>(List.of(plans));
        plan.lastUse = System.nanoTime();
        if (closed) {
            plan.retire();
            return;
        }
        while (now.size() >= PLANS) drop(now.stream().min(java.util.Comparator.comparingLong(p -> p.lastUse)).orElseThrow(), now);
        now.addFirst(plan);
        plans = now.toArray(Plan[]::new);
    }

    private void drop(Plan old, List<Plan> now) {
        now.remove(old);
        old.retire();
        PlanEvents.evicted(plain.name(), old);
    }

    /** Frees all plans once nobody runs them. */
    synchronized void close() {
        closed = true;
        for (Plan p : plans) p.retire();
        plans = new Plan[0];
    }

    // ---- looking in

    /** True if nothing more is to be learnt from calls with such arguments: what answers them now will go on to do so. */
    public boolean isSettled(Object[] arguments) {
        if (settings.mode() == ExecutionMode.INTERPRET || settings.mode() == ExecutionMode.PROFILE || hopeless != null) return true;
        long key = Plan.keyOf(arguments);
        for (Plan p : plans) {
            boolean fits = p.key() == key && p.fits(arguments) && !(arguments.length > 0 && arguments[0] instanceof ScriptObject self && !p.fitsInstance(self));
            if (fits && (settings.isSynchronous() || p.trial.isDecided())) return true;
        }
        return false;
    }

    /** The most recent first. */
    List<Plan> plans() { return List.of(plans); }

    ExecutorSettings settings() { return settings; }

    /** True if calls are recorded, and nothing is specialised yet. */
    boolean isProfiling() { return settings.mode() == ExecutionMode.PROFILE || profileRuns.get() > 0; }

    GuardFailures failures() { return failures; }

    Optional<String> hopeless() { return Optional.ofNullable(hopeless); }

    /** Plans made so far, those that are gone among them. */
    public int plansMade() { return made.get(); }

    /** Plans there are now. */
    public int planCount() { return plans.length; }

    /** Calls answered by a plan. */
    public long planCalls() { return planCalls.sum(); }

    /** Calls answered by the unoptimised graph, but for those that were profiled. */
    public long plainCalls() { return plainCalls.sum(); }

    Profile profile() {
        profilingCode();
        return profile;
    }

    Graph guardedForPeople() { return guardedGraph(); }
}
