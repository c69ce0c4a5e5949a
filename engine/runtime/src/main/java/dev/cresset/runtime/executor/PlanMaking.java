package dev.cresset.runtime.executor;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Value;
import dev.cresset.kernels.cuda.driver.KernelCompileException;
import dev.cresset.kernels.cuda.driver.OutOfDeviceMemoryException;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.runtime.specialize.Pattern;
import dev.cresset.runtime.specialize.Unspecialisable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiPredicate;
import java.util.function.Supplier;

/** Has the plans of one function made, and remembers for what there can be none. Safe from any number of threads. */
final class PlanMaking {
    private static final int GUARDS_WITHIN = 4;
    /** How often generated kernels are run to get fast before their plan is given up. */
    private static final int WARM_UPS = 3;
    /** How many plans for any sizes there are for one kind of arguments: the later ones rely on less. */
    private static final int ATTEMPTS = 4;
    /** For so many kinds of arguments no plan can be made before the function is taken for one without. */
    private static final int REFUSALS = 4;
    /** How often the device may have no memory for a plan before it is given up. */
    private static final int SHORTAGES = 8;

    private final String function;
    private final PlanMaker maker;
    private final ExecutorSettings settings;
    private final Lessons lessons;
    private final PlanTable plans;
    private final Arrivals arrivals;
    private final Supplier<Learnt> learnt;
    private final ScriptObject prototype;
    private final AtomicInteger made = new AtomicInteger();
    private final Set<Long> exactOnly = ConcurrentHashMap.newKeySet();
    private final Map<Long, Integer> attempts = new ConcurrentHashMap<>();
    private final Map<Long, Integer> shortages = new ConcurrentHashMap<>();
    private final Set<Long> refused = ConcurrentHashMap.newKeySet();
    private volatile String hopeless, lastRefusal;

    /**
     * What a plan is made from.
     *
     * @param guarded  the prepared graph with guards from its profile
     * @param oneSided conditions that always were the same, and what they were
     * @param check    decides a guard within the graph, given the guard and the value
     */
    record Learnt(Graph guarded, Map<Value, Boolean> oneSided, BiPredicate<PlanMaker.Guard, Object> check) {}

    /** @param prototype the module as loaded, or null */
    PlanMaking(String function, PlanMaker maker, ExecutorSettings settings, Lessons lessons, PlanTable plans, Arrivals arrivals,
        Supplier<Learnt> learnt, ScriptObject prototype) {
        this.function = function;
        this.maker = maker;
        this.settings = settings;
        this.lessons = lessons;
        this.plans = plans;
        this.arrivals = arrivals;
        this.learnt = learnt;
        this.prototype = prototype;
        this.hopeless = settings.withoutPlansBecause().orElse(null);
    }

    /**
     * Makes a plan and puts it into the table.
     *
     * @param key      of the arguments it is for
     * @param symbolic it is to be for any sizes
     * @param expected what the arguments are
     * @param self     the module instance, or null
     */
    void make(long key, boolean symbolic, List<Pattern> expected, ScriptObject self) {
        List<Pattern> patterns = symbolic ? expected.stream().map(Pattern::ofAnySize).toList() : expected;
        try {
            if (hopeless != null || isServed(key, patterns, self)) return;   // another call may have asked for it meanwhile
            long start = System.nanoTime();
            if (symbolic) attempts.merge(key, 1, Integer::sum);
            Plan plan = maker.make(request(key, patterns, symbolic ? expected : null, self));
            if (!settings.isSynchronous() && !warmed(plan)) {
                plan.retire();
                return;
            }
            plans.add(plan);
            PlanEvents.specialised(function, plan, System.nanoTime() - start);
        } catch (Unspecialisable e) {
            giveUp(key, symbolic, e.getMessage());
        } catch (KernelCompileException e) {
            if (settings.isSynchronous()) throw e;
            giveUp(key, symbolic, "the compiler refuses a kernel: " + e.log().strip().lines().findFirst().orElse(""));
        } catch (OutOfDeviceMemoryException e) {
            if (settings.isSynchronous()) throw e;
            lastRefusal = "the device has no memory for a plan: " + e.getMessage();      // it may have later
            if (shortages.merge(key, 1, Integer::sum) >= SHORTAGES) giveUp(key, symbolic, lastRefusal);
        } catch (RuntimeException | StackOverflowError e) {
            if (settings.isSynchronous()) throw e;
            giveUp(key, symbolic, "specialising failed: " + e);
        } finally {
            arrivals.answered(key);
        }
    }

    private void giveUp(long key, boolean symbolic, String reason) {
        lastRefusal = reason;
        if (symbolic) exactOnly.add(key);
        else if (refused.size() < REFUSALS) refused.add(key);
        else hopeless = reason;
    }

    /** True if there can be no plan for such arguments. */
    boolean isRefused(long key) { return hopeless != null || refused.contains(key); }

    /** On a machine that is busy otherwise, kernels may not get compiled for long: then the plan is asked for again later. */
    private static boolean warmed(Plan plan) {
        try {
            for (int i = 0; i < WARM_UPS && !plan.isWarm(); i++) plan.warm();
        } catch (RuntimeException | Error e) {
            plan.retire();
            throw e;
        }
        return plan.isWarm();
    }

    private boolean isServed(long key, List<Pattern> expected, ScriptObject self) {
        for (Plan p : plans.all()) if (p.key() == key && p.patterns().equals(expected) && (self == null || p.fitsInstance(self))) return true;
        return false;
    }

    private PlanMaker.Request request(long key, List<Pattern> patterns, List<Pattern> sample, ScriptObject self) {
        Learnt l = learnt.get();
        int guards = sample == null ? GUARDS_WITHIN : 0;
        return new PlanMaker.Request(function + "#" + made.incrementAndGet(), l.guarded, patterns, sample, key, self, prototype,
            lessons.changing(), lessons.guards(guards, l.oneSided), l.check);
    }

    /** True if a plan for any sizes of such arguments is possible as far as is known, and there is none. */
    boolean wantsAnySize(long key, Object[] arguments) {
        if (exactOnly.contains(key) || attempts.getOrDefault(key, 0) >= ATTEMPTS) return false;
        for (Plan p : plans.all()) if (p.isSymbolic() && p.key() == key && p.fits(arguments)) return false;
        return true;
    }

    /** True if there can be no plan at all. */
    boolean isHopeless() { return hopeless != null; }

    /** Why there is no plan, and will be none for arguments as they have come so far. */
    Optional<String> hopeless() { return Optional.ofNullable(hopeless != null || plans.all().length > 0 ? hopeless : lastRefusal); }

    /** Plans made so far, those that are gone among them. */
    int made() { return made.get(); }
}
