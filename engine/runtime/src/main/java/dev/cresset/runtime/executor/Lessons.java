package dev.cresset.runtime.executor;

import dev.cresset.ir.graph.Node;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.runtime.specialize.Frozen;
import dev.cresset.runtime.specialize.GuardPlan;
import dev.cresset.runtime.specialize.Pattern;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What failed guards have taught about a function: which arguments differ from call to call, which attributes change, which
 * guards within are not worth it. The next plan relies on less.
 */
final class Lessons {
    private static final int ENOUGH = 2;
    private static final int REMEMBERED = 256;

    private final String function;
    private final GuardFailures failures = new GuardFailures();
    private final Map<Object, Integer> counts = new HashMap<>();
    private final Set<Integer> varying = new HashSet<>();
    private final Set<List<Integer>> changing = new HashSet<>(), untyped = new HashSet<>();
    private final Set<Node> failing = Collections.newSetFromMap(new IdentityHashMap<>());

    Lessons(String function) { this.function = function; }

    GuardFailures failures() { return failures; }

    /** Notes a failure as a sentence. */
    void failed(String sentence) {
        failures.add(sentence);
        PlanEvents.guardFailed(function, sentence);
    }

    /** Arguments did not fit a plan that is for the same shapes. */
    synchronized void misfit(Plan p, Object[] arguments) {
        failed(p.misfit(arguments));
        for (int i = 0; i < arguments.length; i++) {
            if (p.patterns().get(i) instanceof Pattern.OfConstant c && !c.matches(arguments[i]) && isEnough(i)) varying.add(i);
        }
    }

    /** An attribute was not what it was taken for. */
    synchronized void changed(Frozen.Place place) {
        failed("self." + place.name() + ": expected what it was when the plan was made, got something else");
        if (isEnough(place)) changing.add(place.path());
    }

    /** An attribute that changes had another type. */
    synchronized void wrongState(Frozen.Place place, Pattern expected, ScriptObject self) {
        failed(expected.mismatch("self." + place.name(), Frozen.attribute(self, place.path())));
        if (isEnough(place)) untyped.add(place.path());
    }

    /** A guard within a plan failed. */
    synchronized void failed(PlanMaker.Guard guard, Object value) {
        failed(guard.pattern().mismatch(guard.name(), value));
        if (isEnough(guard.node())) failing.add(guard.node());
    }

    private boolean isEnough(Object guard) {
        boolean counted = counts.size() < REMEMBERED || counts.containsKey(guard);
        return counted && counts.merge(guard, 1, Integer::sum) >= ENOUGH;
    }

    synchronized Set<Integer> varying() { return Set.copyOf(varying); }

    synchronized Set<List<Integer>> changing() { return Set.copyOf(changing); }

    /** @param budget how many guards may stand within a plan. @param oneSided conditions that always were the same */
    synchronized GuardPlan guards(int budget, Map<dev.cresset.ir.graph.Value, Boolean> oneSided) {
        Set<Node> failed = Collections.newSetFromMap(new IdentityHashMap<>());
        failed.addAll(failing);
        return new GuardPlan(budget, failed, Set.copyOf(untyped), oneSided);
    }
}
