package dev.cresset.bench.differential.program;

import dev.cresset.bench.differential.program.Statement.Append;
import dev.cresset.bench.differential.program.Statement.Assign;
import dev.cresset.bench.differential.program.Statement.Branch;
import dev.cresset.bench.differential.program.Statement.Loop;
import dev.cresset.bench.differential.program.Statement.Other;
import dev.cresset.bench.differential.program.Statement.Rename;
import dev.cresset.bench.differential.program.Statement.Return;
import dev.cresset.bench.differential.program.Statement.Through;
import dev.cresset.bench.differential.program.Statement.Write;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What is left of a program without the statements whose results nobody sees. An engine may leave them out, and then does not
 * notice that they would fail. Names that may stand for the same memory are seen or not seen together.
 */
public final class DeadCode {
    private static final Pattern NAME = Pattern.compile("(self\\.)?\\w+");

    private final Map<String, String> same = new HashMap<>();
    private final Set<String> seen = new HashSet<>();
    /** What the caller sees if it is written, but not if only the name gets another value. */
    private final Set<String> arguments = new HashSet<>();

    private DeadCode() {}

    public static RandomProgram without(RandomProgram program) {
        DeadCode dead = new DeadCode();
        dead.unite(program.body());
        program.parameters().forEach(p -> dead.arguments.add(dead.group(p.name())));
        program.states().forEach(s -> dead.seen.add(dead.group("self." + s)));
        for (int before = -1; before < dead.seen.size(); ) {
            before = dead.seen.size();
            dead.look(program.body());
        }
        return program.withBody(dead.kept(program.body()));
    }

    private String group(String name) {
        String up = same.getOrDefault(name, name);
        return up.equals(name) ? name : group(up);
    }

    private void unite(String a, String b) {
        if (!group(a).equals(group(b))) same.put(group(a), group(b));
    }

    private void unite(List<Statement> block) {
        for (Statement s : block) {
            switch (s) {
                case Assign(List<String> targets, Expression value) -> {
                    if (value.view()) targets.forEach(t -> value.arguments().forEach(a -> unite(t, a)));
                }
                case Rename(String target, String source) -> unite(target, source);
                case Through(_, List<String> targets, List<String> sources) -> {
                    for (int i = 0; i < targets.size(); i++) unite(targets.get(i), sources.get(i));
                }
                case Append(String list, String element) -> unite(list, element);
                case Branch b -> {
                    unite(b.then());
                    unite(b.otherwise());
                }
                case Loop l -> unite(l.body());
                case Write _, Other _, Return _ -> {}
            }
        }
    }

    /** @return whether anything in the block is seen */
    private boolean look(List<Statement> block) {
        boolean any = false;
        for (Statement s : block) any |= look(s);
        return any;
    }

    private boolean look(Statement s) {
        boolean live = switch (s) {
            case Branch b -> look(b.then()) | look(b.otherwise());
            case Loop l -> look(l.body());
            default -> isSeen(s);
        };
        if (!live) return false;
        String reads = switch (s) {
            case Assign a -> a.value().text();
            case Write w -> w.text();
            case Branch b -> b.condition();
            case Loop l -> l.header();
            case Other o -> o.text();
            case Return r -> String.join(" ", r.values());
            case Rename _, Through _, Append _ -> "";   // one memory
        };
        NAME.matcher(reads).results().map(MatchResult::group).forEach(name -> seen.add(group(name)));
        return true;
    }

    private boolean isSeen(Statement s) {
        return switch (s) {
            case Assign a -> a.targets().stream().anyMatch(this::isSeen);
            case Write w -> isSeen(w.target()) || arguments.contains(group(w.target()));
            case Rename r -> isSeen(r.target());
            case Through t -> t.targets().stream().anyMatch(this::isSeen);
            case Append a -> isSeen(a.list());
            case Branch b -> b.then().stream().anyMatch(this::isSeen) || b.otherwise().stream().anyMatch(this::isSeen);
            case Loop l -> l.body().stream().anyMatch(this::isSeen);
            case Other _, Return _ -> true;
        };
    }

    private boolean isSeen(String name) { return seen.contains(group(name)); }

    private List<Statement> kept(List<Statement> block) {
        return block.stream().filter(this::isSeen).map(s -> switch (s) {
            case Through(_, List<String> targets, List<String> sources) when !targets.stream().allMatch(this::isSeen) -> {
                int one = isSeen(targets.getFirst()) ? 0 : 1;
                yield new Rename(targets.get(one), sources.get(one));
            }
            case Branch b -> new Branch(b.condition(), kept(b.then()), kept(b.otherwise()));
            case Loop l -> new Loop(l.header(), l.trips(), l.maySooner(), kept(l.body()));
            default -> s;
        }).toList();
    }
}
