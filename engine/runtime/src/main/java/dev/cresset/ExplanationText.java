package dev.cresset;

import dev.cresset.Explanation.Function;
import dev.cresset.Explanation.Plan;
import dev.cresset.kernels.plan.PlanSummary;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes an {@link Explanation} for people. */
final class ExplanationText {
    private static final int REASONS = 8, GROUPS = 12;

    private final StringBuilder out = new StringBuilder();

    private ExplanationText() {}

    static String of(Explanation e) {
        ExplanationText text = new ExplanationText();
        if (e.functions().isEmpty()) text.line(0, "No method has been called yet.");
        e.functions().forEach(text::function);
        return text.out.toString();
    }

    private void line(int indent, String text) { out.append("  ".repeat(indent)).append(text).append('\n'); }

    private void function(Function f) {
        line(0, f.name() + ": " + switch (f.state()) {
            case PROFILING -> "profiling";
            case UNOPTIMISED -> "unoptimised, because " + f.reason();
            case PLANS -> f.plans().isEmpty() ? "unoptimised until a plan is made" : "plans";
        });
        line(1, count(f.callsByPlans() + f.callsUnoptimised(), "call") + ": " + f.callsByPlans() + " by plans, " + f.callsUnoptimised()
            + " by the unoptimised graph; " + count(f.plansMade(), "plan") + " made");
        f.plans().forEach(this::plan);
        if (!f.guardFailures().isEmpty()) line(1, "guard failures");
        f.guardFailures().forEach(g -> line(2, g.sentence() + (g.count() == 1 ? "" : "  (" + g.count() + " times)")));
    }

    private void plan(Plan p) {
        line(1, "plan " + p.name() + ": " + trial(p.trial()));
        p.arguments().forEach(a -> line(2, "for " + a));
        p.states().forEach(s -> line(2, "and " + s));
        line(2, count(p.constantAttributes(), "attribute") + " taken for constant, " + count(p.guards().size(), "guard") + " within the graph, "
            + bytes(p.nativeBytes()) + " outside the heap");
        p.guards().forEach(g -> line(3, "guard " + g));
        for (int i = 0; i < p.subgraphs().size(); i++) subgraph(p.subgraphs().size() == 1 ? "" : " " + i, p.subgraphs().get(i));
        if (!p.groups().isEmpty()) {
            line(2, "for any sizes: " + count(p.groups().stream().mapToInt(g -> g.operators().size()).sum(), "operator") + " in "
                + count(p.groups().size(), "group"));
            groups(p.groups());
        }
        if (!p.otherOperators().isEmpty()) {
            line(2, "one by one: " + p.otherOperators().stream().map(o -> o.operator() + times(o.count())).collect(Collectors.joining(", ")));
        }
    }

    private static String trial(Explanation.Trial t) {
        String plan = time(t.planNanos()), other = time(t.unoptimisedNanos());
        return switch (t.verdict()) {
            case WON -> String.format(Locale.ROOT, "serves; %s where the unoptimised graph takes %s (%.1f times as fast)", plan, other,
                (double) t.unoptimisedNanos() / t.planNanos());
            case LOST -> "does not serve; " + plan + " where the unoptimised graph takes " + other;
            case UNDECIDED -> "on trial against the unoptimised graph";
            case NONE -> "serves";
        };
    }

    private void subgraph(String number, PlanSummary s) {
        long kernels = s.groups().stream().filter(PlanSummary.Group::generated).count();
        line(2, "static subgraph" + number + ": " + count(s.operators(), "operator") + " in " + count(s.steps(), "step")
            + (kernels == 0 ? "" : ", " + s.fused() + " of them fused into " + count(kernels, "kernel"))
            + (s.chain() == s.steps() ? "" : "; in branches, " + s.chain() + " of the steps one after the other"));
        groups(s.groups());
        if (s.savedBytes() > 0) line(3, "saved: " + bytes(s.savedBytes()) + " of tensors are never written to memory");
        if (s.tensorBytes() > 0) line(3, "memory: " + bytes(s.tensorBytes()) + " of tensors lie in a block of " + bytes(s.blockBytes()));
        list(s.apart().stream().map(a -> "not fused: " + a.operator() + times(a.count()) + " (" + a.reason() + ")").toList(), REASONS);
    }

    private void groups(List<PlanSummary.Group> all) {
        Map<String, Integer> groups = new LinkedHashMap<>();
        all.forEach(g -> groups.merge(group(g), 1, Integer::sum));
        List<String> lines = new ArrayList<>();
        groups.forEach((text, n) -> lines.add(text + times(n)));
        list(lines, GROUPS);
    }

    private void list(List<String> lines, int most) {
        lines.stream().limit(most).forEach(l -> line(3, l));
        if (lines.size() > most) line(3, "… and " + (lines.size() - most) + " more");
    }

    private static String group(PlanSummary.Group g) {
        String names = g.operators().stream().map(o -> o.substring(o.indexOf(':') + 2)).collect(Collectors.joining(" "));
        return (g.generated() ? "kernel: " : "library: ") + names + (g.savedBytes() > 0 ? " (saves " + bytes(g.savedBytes()) + ")" : "");
    }

    private static String times(int n) { return n == 1 ? "" : " ×" + n; }

    private static String count(long n, String what) { return n + " " + what + (n == 1 ? "" : "s"); }

    private static String time(long nanos) {
        return nanos < 1_000_000 ? String.format(Locale.ROOT, "%.1f µs", nanos / 1e3) : String.format(Locale.ROOT, "%.2f ms", nanos / 1e6);
    }

    private static String bytes(long n) {
        if (n < 10_000) return n + " bytes";
        return n < 10_000_000 ? String.format(Locale.ROOT, "%.1f KB", n / 1e3) : String.format(Locale.ROOT, "%.1f MB", n / 1e6);
    }
}
