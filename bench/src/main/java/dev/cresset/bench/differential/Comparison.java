package dev.cresset.bench.differential;

import dev.cresset.bench.differential.Outcome.Values;
import dev.cresset.bench.differential.program.Bound;
import dev.cresset.bench.differential.program.ErrorFlow;
import dev.cresset.bench.differential.program.ErrorFlow.Bounds;
import dev.cresset.bench.differential.program.RandomProgram;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/** Whether two executions of the same calls agree, within what {@link ErrorFlow} says they may differ. */
final class Comparison {
    /** How much more values may differ if sums are longer and magnitudes larger than the author reckoned with. */
    private static final double ODD_SLACK = 16;

    private final boolean errorClasses;

    /** @param errorClasses whether errors must be of the same class (of several, another one may be met first); else it is enough that both fail */
    Comparison(boolean errorClasses) { this.errorClasses = errorClasses; }

    /** What is different, the first few; empty if they agree. */
    List<String> differences(RandomProgram program, List<CallSpec> calls, List<Outcome> expected, List<Outcome> actual) {
        ErrorFlow flow = new ErrorFlow(program);
        double slack = 1;
        for (int i = 0; i < calls.size(); i++) {
            if (calls.get(i).odd()) slack = ODD_SLACK;   // also later: it may be in the state
            Outcome e = expected.get(i), a = actual.get(i);
            List<String> found = new ArrayList<>();
            if (e.failed() != a.failed() || errorClasses && !errorClass(e).equals(errorClass(a))) {
                found.add("expected " + ending(e) + ", got " + ending(a));
            } else {
                Bounds bounds = flow.call(calls.get(i).sizes(), calls.get(i).same(), e.failed());
                new Differences(slack, found).compare(e, a, bounds);
            }
            if (!found.isEmpty()) {
                int call = i + 1;
                return found.stream().map(f -> "call " + call + ": " + f).toList();
            }
        }
        return List.of();
    }

    private static String errorClass(Outcome o) { return o.failed() ? o.error().substring(0, o.error().indexOf(':') + 1) : ""; }

    private static String ending(Outcome o) { return o.failed() ? "the error '" + o.error() + "'" : "a result"; }

    /** Collects what differs between two outcomes. */
    private record Differences(double slack, List<String> found) {
        void compare(Outcome e, Outcome a, Bounds bounds) {
            if (e.printed() != null && a.printed() != null && !e.printed().equals(a.printed())) {
                found.add("printed '" + e.printed() + "' and '" + a.printed() + "'");
            }
            if (e.results().size() != a.results().size()) {
                found.add(e.results().size() + " results and " + a.results().size());
                return;
            }
            for (int i = 0; i < e.results().size(); i++) compare("result " + i, e.results().get(i), a.results().get(i), bounds.results().get(i));
            compare(e.arguments(), a.arguments(), bounds.arguments());
            compare(e.states(), a.states(), bounds.states());
        }

        private void compare(Map<String, Values> e, Map<String, Values> a, Map<String, Bound> bounds) {
            for (String name : new TreeSet<>(e.keySet())) {
                if (!a.containsKey(name)) found.add(name + " is missing");
                else compare(name, e.get(name), a.get(name), bounds.getOrDefault(name, new Bound(0, 0)));
            }
        }

        private void compare(String name, Values e, Values a, Bound bound) {
            if (e.dtype() != a.dtype() || !Arrays.equals(e.sizes(), a.sizes())) {
                found.add(name + ": expected " + e.dtype() + Arrays.toString(e.sizes()) + ", got " + a.dtype() + Arrays.toString(a.sizes()));
            } else if (e.reals() == null) {
                int i = Arrays.mismatch(e.integers(), a.integers());
                if (i >= 0) found.add(name + ", element " + i + ": expected " + e.integers()[i] + ", got " + a.integers()[i]);
            } else {
                reals(name, e.reals(), a.reals(), bound);
            }
        }

        private void reals(String name, double[] e, double[] a, Bound bound) {
            for (int i = 0; i < e.length; i++) {
                if (Double.isFinite(e[i]) && Math.abs(e[i]) > slack * bound.magnitude() * (1 + 1e-3)) {
                    found.add(name + ", element " + i + ": " + e[i] + " is more than the " + bound.magnitude() + " that it can be");
                    return;
                }
                if (e[i] == a[i] || Double.isNaN(e[i]) && Double.isNaN(a[i]) || Math.abs(e[i] - a[i]) <= slack * bound.error()) continue;
                found.add(name + ", element " + i + ": expected " + e[i] + ", got " + a[i] + "; they may differ by " + slack * bound.error());
                return;
            }
        }
    }

    /** The first call at which two runs differ in a bit; empty if there is none. */
    static List<String> bits(List<Outcome> first, List<Outcome> second) {
        for (int i = 0; i < first.size(); i++) {
            Outcome a = first.get(i), b = second.get(i);
            boolean same = Objects.equals(a.error(), b.error()) && a.results().size() == b.results().size() && sameBits(a.states(), b.states())
                && sameBits(a.arguments(), b.arguments());
            for (int r = 0; same && r < a.results().size(); r++) same = a.results().get(r).sameBits(b.results().get(r));
            if (!same) return List.of("call " + (i + 1) + ": two runs in the same state of the engine differ in a bit");
        }
        return List.of();
    }

    private static boolean sameBits(Map<String, Values> a, Map<String, Values> b) {
        return a.keySet().stream().allMatch(name -> a.get(name).sameBits(b.get(name)));
    }
}
