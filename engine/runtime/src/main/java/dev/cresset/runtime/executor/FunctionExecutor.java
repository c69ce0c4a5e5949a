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
import dev.cresset.runtime.specialize.Pattern;
import dev.cresset.runtime.specialize.Patterns;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Runs one function of a program: profiles its first runs, has plans made for the arguments it sees, and answers each call
 * by a plan that fits or by the unoptimised graph. Safe from any number of threads.
 */
public final class FunctionExecutor {
    /** The first so many kinds of arguments get a plan each; after that one has to come this often. */
    private static final int EXACT = 4, HOT = 16;

    private final Interpreter interpreter;
    private final PlanMaking making;
    private final ExecutorSettings settings;
    private final Background background;
    private final Code plain;
    private final Patterns patterns;
    private final AtomicInteger profileRuns;
    private final Lessons lessons;
    private final PlanTable plans;
    private final PlanChoice choice;
    private final Arrivals arrivals = new Arrivals();
    private final LongAdder plainCalls = new LongAdder(), planCalls = new LongAdder();
    private volatile Profile profile;
    private volatile Code profiling;
    private volatile Graph guarded;

    /** @param prototype the module as loaded */
    FunctionExecutor(Interpreter interpreter, PlanMaker maker, ExecutorSettings settings, Background background, Code plain,
        ScriptObject prototype) {
        this.lessons = new Lessons(plain.name());
        this.plans = new PlanTable(settings.planBytes(), evicted -> PlanEvents.evicted(plain.name(), evicted));
        this.choice = new PlanChoice(settings, plans, lessons);
        this.interpreter = interpreter;
        this.settings = settings;
        this.background = background;
        this.plain = plain;
        this.patterns = new Patterns(plain.graph());
        this.profileRuns = new AtomicInteger(settings.profileRuns());
        this.making = new PlanMaking(plain.name(), maker, settings, lessons, plans, arrivals, this::learnt, prototype);
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
        if (making.isHopeless()) {
            plainCalls.increment();
            return interpreter.run(context, timeline, plain, arguments);
        }
        if (settings.mode() == ExecutionMode.PROFILE || profileRuns.get() > 0) return profiled(context, timeline, arguments);
        long key = choice.keyOf(arguments);
        Plan plan = choice.find(key, instance, arguments);
        if (plan == null && settings.isSynchronous()) plan = makeNow(key, instance, arguments);
        if (plan == null) {
            if (!settings.isSynchronous()) miss(key, arguments);
            plainCalls.increment();
            return interpreter.run(context, timeline, plain, arguments);
        }
        if (settings.isSynchronous()) return byPlan(context, timeline, plan, arguments);
        if (plan.isSymbolic() && isHot(key)) order(key, false, arguments);
        return timed(context, timeline, plan, arguments);
    }

    /** Counts an arrival; true if its kind comes so often that it deserves a plan of its own, and there is room. */
    private boolean isHot(long key) { return !making.isRefused(key) && arrivals.seen(key) >= HOT && !plans.isBusy(); }

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

    // ---- running

    private Object[] byPlan(CallContext context, Timeline timeline, Plan plan, Object[] arguments) {
        try {
            plans.used(plan);
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
            plans.used(plan);
            boolean planRuns = plan.trial.planRuns();
            (planRuns ? planCalls : plainCalls).increment();
            Object[] results = interpreter.run(context, timeline, planRuns ? plan.code() : plain, arguments);
            if (!plan.trial.isDecided()) context.await();
            long took = System.nanoTime() - start;
            long elements = plan.isSymbolic() ? Plan.elements(arguments) : 1;
            if (planRuns) plan.trial.planTook(took, elements);
            else plan.trial.otherTook(took, elements);
            return results;
        } finally {
            plan.leave();
        }
    }

    // ---- making plans

    private void miss(long key, Object[] arguments) {
        plans.missed();
        for (Plan p : plans.all()) if (p.key() == key && choice.isLost(p) && p.fits(arguments)) return;
        if (making.isRefused(key)) return;
        boolean hot = isHot(key);
        if (hot || arrivals.kinds() <= EXACT) order(key, false, arguments);
        else if (arrivals.kinds() > EXACT) order(Plan.keyOfAnySize(arguments), true, arguments);
    }

    /** Has a plan made in the background, unless it is being made already. */
    private void order(long key, boolean symbolic, Object[] arguments) {
        if (symbolic && !making.wantsAnySize(key, arguments) || !arrivals.request(key)) return;
        List<Pattern> expected = patterns.of(arguments, lessons.varying());
        ScriptObject self = selfOf(arguments);
        if (!background.submit(() -> making.make(key, symbolic, expected, self))) arrivals.answered(key);
    }

    private static ScriptObject selfOf(Object[] arguments) { return arguments.length > 0 && arguments[0] instanceof ScriptObject o ? o : null; }

    /** Makes a plan in this call and enters it; null if that is not possible, or the instance does not fit. */
    private Plan makeNow(long key, InstanceChecks instance, Object[] arguments) {
        if (choice.onlyAnySize() ? !making.wantsAnySize(key, arguments) : making.isRefused(key)) return null;
        for (Plan p : plans.all()) if (p.key() == key && p.fits(arguments) && settings.mode() == ExecutionMode.DEOPT) return null;
        synchronized (this) {
            making.make(key, choice.onlyAnySize(), patterns.of(arguments, lessons.varying()), selfOf(arguments));
        }
        for (Plan p : plans.all()) if (p.key() == key && p.fits(arguments) && choice.fitsInstance(p, instance, arguments) && p.enter()) return p;
        return null;
    }

    /** What the profile and failed guards say a plan may rely on. */
    private PlanMaking.Learnt learnt() { return new PlanMaking.Learnt(guardedGraph(), profile.oneSided(), choice::check); }

    /** Frees all plans once nobody runs them. */
    void close() { plans.close(); }

    // ---- looking in

    /** True if nothing more is to be learnt from calls with such arguments: what answers them now will go on to do so. */
    public boolean isSettled(Object[] arguments) {
        if (settings.mode() == ExecutionMode.PROFILE || making.isHopeless()) return true;
        long key = choice.keyOf(arguments);
        if (making.isRefused(key)) return true;
        for (Plan p : plans.all()) {
            boolean fits = p.key() == key && p.fits(arguments) && !(arguments.length > 0 && arguments[0] instanceof ScriptObject self && !p.fitsInstance(self));
            if (fits && (settings.isSynchronous() || p.trial.isDecided())) return true;
        }
        return false;
    }

    /** The most recent first. */
    List<Plan> plans() { return List.of(plans.all()); }

    ExecutorSettings settings() { return settings; }

    /** True if calls are recorded, and nothing is specialised yet. */
    boolean isProfiling() { return settings.mode() == ExecutionMode.PROFILE || profileRuns.get() > 0; }

    GuardFailures failures() { return lessons.failures(); }

    Optional<String> hopeless() { return making.hopeless(); }

    /** Plans made so far, those that are gone among them. */
    public int plansMade() { return making.made(); }

    /** Plans there are now. */
    public int planCount() { return plans.all().length; }

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
