package dev.cresset.bench.differential;

import dev.cresset.bench.differential.program.Expression;
import dev.cresset.bench.differential.program.RandomProgram;
import dev.cresset.bench.differential.program.Statement;
import dev.cresset.bench.differential.program.Statement.Assign;
import dev.cresset.bench.differential.program.Statement.Branch;
import dev.cresset.bench.differential.program.Statement.Loop;
import dev.cresset.bench.differential.program.Statement.Rename;
import dev.cresset.bench.differential.program.Statement.Return;
import dev.cresset.bench.differential.program.TensorKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Makes a failing case smaller for as long as it still fails: fewer calls, fewer statements, fewer results. */
final class Shrinker {
    private static final int MOST_ATTEMPTS = 1500;

    /** A program with its calls. */
    record Case(RandomProgram program, List<CallSpec> calls) {}

    private static final Pattern COUNTING = Pattern.compile("(\\w+) = torch\\.add\\(\\1, 1\\)");

    private final Predicate<Case> fails;
    private final Map<String, TensorKind> kinds = new HashMap<>();
    private int attempts;

    /** @param fails whether a case fails in the way that is looked into; a case that does not even compile must not count */
    Shrinker(Predicate<Case> fails) { this.fails = fails; }

    Case shrink(Case start) {
        start.program().parameters().forEach(p -> kinds.put(p.name(), p.kind()));
        learn(start.program().body());
        Case best = start;
        for (Case smaller; (smaller = smaller(best)) != null; ) best = smaller;
        return best;
    }

    private void learn(List<Statement> block) {
        for (Statement s : block) {
            switch (s) {
                case Assign(List<String> targets, Expression value) -> targets.forEach(t -> kinds.put(t, value.kind()));
                case Rename r -> kinds.put(r.target(), kinds.get(r.source()));
                case Statement.Through t -> {
                    for (int i = 0; i < t.targets().size(); i++) kinds.put(t.targets().get(i), kinds.get(t.sources().get(i)));
                }
                case Branch b -> {
                    learn(b.then());
                    learn(b.otherwise());
                }
                case Loop l -> learn(l.body());
                case Statement.Write _, Statement.Append _, Statement.Other _, Return _ -> {}
            }
        }
    }

    /** The first smaller case that fails, null if there is none or too much was tried. */
    private Case smaller(Case c) {
        for (Case candidate : candidates(c)) {
            if (attempts++ > MOST_ATTEMPTS) return null;
            if (fails.test(candidate)) return candidate;
        }
        return null;
    }

    private List<Case> candidates(Case c) {
        List<Case> all = new ArrayList<>();
        for (int i = 0; i < c.calls().size(); i++) {
            List<CallSpec> calls = new ArrayList<>(c.calls());
            calls.remove(i);
            if (!calls.isEmpty()) all.add(new Case(c.program(), calls));
        }
        bodies(c.program().body(), body -> all.add(new Case(c.program().withBody(body), c.calls())));
        if (c.program().results() > 1) {
            for (int i = 0; i < c.program().results(); i++) {
                int kept = i;
                all.add(new Case(c.program().withBody(onlyResult(c.program().body(), kept)).withResults(1), c.calls()));
            }
        }
        return all;
    }

    /** Every block that comes from this one by one step. */
    private void bodies(List<Statement> block, Consumer<List<Statement>> found) {
        for (int i = 0; i < block.size(); i++) {
            int at = i;
            Statement s = block.get(i);
            if (!(s instanceof Return) && !counts(s)) found.accept(replaced(block, at, List.of()));
            switch (s) {
                case Assign(List<String> targets, Expression value) -> {
                    if (targets.size() > 1) break;
                    for (String a : value.arguments()) {
                        if (value.kind().equals(kinds.get(a))) found.accept(replaced(block, at, List.of(new Rename(targets.getFirst(), a))));
                    }
                }
                case Branch b -> {
                    found.accept(replaced(block, at, b.then()));
                    found.accept(replaced(block, at, b.otherwise()));
                    bodies(b.then(), then -> found.accept(replaced(block, at, List.of(new Branch(b.condition(), then, b.otherwise())))));
                    bodies(b.otherwise(), other -> found.accept(replaced(block, at, List.of(new Branch(b.condition(), b.then(), other)))));
                }
                case Loop l -> {
                    found.accept(replaced(block, at, l.body()));
                    bodies(l.body(), body -> found.accept(replaced(block, at, List.of(new Loop(l.header(), l.trips(), l.maySooner(), body)))));
                }
                case Statement.Through t -> found.accept(replaced(block, at, List.of(new Rename(t.targets().getFirst(), t.sources().getFirst()),
                    new Rename(t.targets().getLast(), t.sources().getLast()))));
                case Rename r -> found.accept(Stream.concat(block.subList(0, at).stream(),
                    block.subList(at + 1, block.size()).stream().map(later -> later.renamed(r.target(), r.source()))).toList());
                case Statement.Write _, Statement.Append _, Statement.Other _, Return _ -> {}
            }
        }
    }

    /** A loop that no longer counts would not end. */
    private static boolean counts(Statement s) { return s instanceof Statement.Other(String text) && COUNTING.matcher(text).matches(); }

    private static List<Statement> replaced(List<Statement> block, int at, List<Statement> by) {
        List<Statement> copy = new ArrayList<>(block);
        copy.remove(at);
        copy.addAll(at, by);
        return copy;
    }

    private static List<Statement> onlyResult(List<Statement> block, int kept) {
        UnaryOperator<List<Statement>> inner = b -> onlyResult(b, kept);
        return block.stream().map(s -> switch (s) {
            case Return r -> new Return(List.of(r.values().get(kept)));
            case Branch b -> new Branch(b.condition(), inner.apply(b.then()), inner.apply(b.otherwise()));
            case Loop l -> new Loop(l.header(), l.trips(), l.maySooner(), inner.apply(l.body()));
            default -> s;
        }).toList();
    }
}
