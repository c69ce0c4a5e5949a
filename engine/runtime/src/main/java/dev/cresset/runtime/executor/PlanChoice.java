package dev.cresset.runtime.executor;

import dev.cresset.ExecutionMode;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.runtime.specialize.Frozen;
import dev.cresset.runtime.specialize.Pattern;
import java.util.Map;
import java.util.Optional;

/** Finds the plan of a function that serves a call, and notes why others do not. Safe from any number of threads. */
final class PlanChoice {
    private final ExecutorSettings settings;
    private final PlanTable plans;
    private final Lessons lessons;

    PlanChoice(ExecutorSettings settings, PlanTable plans, Lessons lessons) {
        this.settings = settings;
        this.plans = plans;
        this.lessons = lessons;
    }

    /** True if plans are to be for any sizes only. */
    boolean onlyAnySize() { return settings.mode() == ExecutionMode.SYMBOLIC; }

    /** What plans for such arguments are filed under. */
    long keyOf(Object[] arguments) { return onlyAnySize() ? Plan.keyOfAnySize(arguments) : Plan.keyOf(arguments); }

    /** A plan for this call that the caller has entered, or null: one for these sizes, else one for any. */
    Plan find(long key, InstanceChecks instance, Object[] arguments) {
        Plan[] all = plans.all();
        boolean known = false, symbolic = false;
        for (Plan p : all) {
            symbolic |= p.isSymbolic();
            if (p.key() != key) continue;
            known = true;
            if (!serves(p, instance, arguments)) continue;
            if (isPassedOver(p)) return null;
            if (p.enter()) return p;
        }
        if (symbolic && !onlyAnySize()) {
            long anySize = Plan.keyOfAnySize(arguments);
            for (Plan p : all) {
                if (p.isSymbolic() && p.key() == anySize && serves(p, instance, arguments) && !isPassedOver(p) && p.enter()) return p;
            }
        }
        if (!known) noteMisfit(all, arguments);
        return null;
    }

    /** Says of the newest plan that is for other arguments why it does not serve. */
    private void noteMisfit(Plan[] all, Object[] arguments) {
        for (Plan p : all) {
            if (p.fits(arguments)) continue;
            lessons.failed(p.misfit(arguments));
            return;
        }
    }

    private boolean serves(Plan p, InstanceChecks instance, Object[] arguments) {
        if (!p.fits(arguments)) {
            lessons.misfit(p, arguments);
            return false;
        }
        if (settings.failsOnPurpose()) {
            lessons.failed("a guard failed on purpose");
            return false;
        }
        return fitsInstance(p, instance, arguments);
    }

    private boolean isPassedOver(Plan p) {
        if (!isLost(p)) return false;
        p.trial.passedOver();
        return true;
    }

    /** True if it was tried and is slower. */
    boolean isLost(Plan p) { return !settings.isSynchronous() && p.trial.isDecided() && !p.trial.isWon(); }

    /** True if the module instance among the arguments is as the plan relies on. */
    boolean fitsInstance(Plan p, InstanceChecks instance, Object[] arguments) {
        if (arguments.length == 0 || !(arguments[0] instanceof ScriptObject self)) return true;
        if (!instance.holds(p.frozen())) {
            Optional<Frozen.Place> different = p.frozen().firstDifference(self);
            if (different.isPresent()) {
                lessons.changed(different.get());
                return false;
            }
            instance.checked(p.frozen());
        }
        Optional<Map.Entry<Frozen.Place, Pattern>> wrong = p.wrongState(self);
        if (wrong.isPresent()) lessons.wrongState(wrong.get().getKey(), wrong.get().getValue(), self);
        return wrong.isEmpty();
    }

    /** A guard within a plan: false if the value is not as expected. */
    boolean check(PlanMaker.Guard guard, Object value) {
        if (!guard.pattern().matches(value)) {
            lessons.failed(guard, value);
            return false;
        }
        if (!settings.failsOnPurpose()) return true;
        lessons.failed("a guard failed on purpose");
        return false;
    }
}
