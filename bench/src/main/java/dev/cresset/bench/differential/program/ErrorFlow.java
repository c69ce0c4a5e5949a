package dev.cresset.bench.differential.program;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Follows magnitudes and errors through a program for given sizes: how far two correct executions may be apart. Tensors that
 * may share memory share a bound. Bounds of attributes are kept from call to call.
 */
public final class ErrorFlow {
    /** Tensors that may lie in the same memory; joined groups have a common representative. */
    private static final class Group {
        private Group joined;
        private Bound bound;

        Group(Bound bound) { this.bound = bound; }

        Group root() { return joined == null ? this : joined.root(); }
    }

    private final RandomProgram program;
    private final Map<String, Bound> states = new HashMap<>();
    private final Map<String, Group> arguments = new HashMap<>();
    private Map<String, Group> groups;
    private Map<String, Long> sizes;
    private List<Bound> results;
    private Bound all;

    public ErrorFlow(RandomProgram program) {
        this.program = program;
        for (String state : program.states()) states.put("self." + state, program.weights().get(state).bound());
    }

    /**
     * What may differ after a call.
     *
     * @param results   of each returned tensor
     * @param arguments of each parameter that is a tensor, by name
     * @param states    of each attribute, by name
     */
    public record Bounds(List<Bound> results, Map<String, Bound> arguments, Map<String, Bound> states) {}

    /**
     * Follows a call.
     *
     * @param callSizes the call's sizes by name, its integers among them
     * @param same      parameters that are given the same memory
     * @param failed    whether the call ended with an error, so that it may have got anywhere
     */
    public Bounds call(Map<String, Long> callSizes, List<String> same, boolean failed) {
        sizes = callSizes;
        begin(same);
        follow(program.body());
        states().forEach(this::remember);
        if (failed) states.replaceAll((_, bound) -> bound.join(all));
        Map<String, Bound> written = new HashMap<>();
        arguments.forEach((name, group) -> written.put(name, group.root().bound));
        return new Bounds(results == null ? List.of() : results, written, Map.copyOf(states));
    }

    private void begin(List<String> same) {
        groups = new HashMap<>();
        arguments.clear();
        results = null;
        all = Bound.ZERO;
        program.weights().values().forEach(w -> groups.put("self." + w.name(), new Group(w.bound())));
        states.forEach((name, bound) -> groups.put(name, new Group(bound)));
        for (Parameter p : program.parameters()) if (p.kind() != null) arguments.put(p.name(), new Group(Bound.exact(p.range())));
        for (String name : same) union(arguments.get(same.getFirst()), arguments.get(name));
        groups.putAll(arguments);
    }

    /** What an attribute is now, it may be after the call: here it may end. */
    private void remember(String attribute) { states.merge(attribute, group(attribute).bound, Bound::join); }

    private List<String> states() { return List.copyOf(states.keySet()); }

    private Group group(String name) {
        Group g = groups.get(name);
        if (g == null) throw new IllegalStateException(name + " has no bound in\n" + program.text());
        return g.root();
    }

    private Group union(Group a, Group b) {
        Group x = a.root(), y = b.root();
        if (x == y) return x;
        x.bound = x.bound.join(y.bound);
        y.joined = x;
        return x;
    }

    private void follow(List<Statement> block) {
        for (Statement s : block) {
            switch (s) {
                case Statement.Assign(List<String> targets, Expression value) -> assign(targets, value);
                case Statement.Write(_, String target, Expression value) -> {
                    Group g = group(target);
                    g.bound = g.bound.join(value(value));
                }
                case Statement.Rename(String target, String source) -> groups.put(target, group(source));
                case Statement.Through(_, List<String> targets, List<String> sources) -> {
                    List<Group> through = sources.stream().map(this::group).toList();
                    for (int i = 0; i < targets.size(); i++) groups.put(targets.get(i), through.get(i));
                }
                case Statement.Branch(_, List<Statement> then, List<Statement> otherwise) -> {
                    Map<String, Group> before = new HashMap<>(groups);
                    follow(then);
                    Map<String, Group> after = groups;
                    groups = before;
                    follow(otherwise);
                    merge(after);
                }
                case Statement.Loop loop -> loop(loop);
                case Statement.Append(String list, String element) -> union(group(list), group(element));
                case Statement.Other _ -> {}
                case Statement.Return(List<String> values) -> leave(values);
            }
        }
    }

    private void assign(List<String> targets, Expression value) {
        Bound bound = value(value);
        Group g = new Group(bound);
        if (value.view()) {
            g = group(value.arguments().getFirst());
            for (String a : value.arguments()) g = union(g, group(a));
        }
        for (String target : targets) groups.put(target, g);
    }

    private Bound value(Expression value) {
        Bound bound = value.rule().apply(value.arguments().stream().map(a -> group(a).bound).toList(), sizes);
        all = all.join(bound);
        return bound;
    }

    private void loop(Statement.Loop loop) {
        long trips = loop.trips().at(sizes);
        for (long i = 0; i < trips; i++) {
            Map<String, Group> before = new HashMap<>(groups);
            follow(loop.body());
            if (loop.maySooner()) merge(before);
        }
    }

    /** What holds if either was the case. */
    private void merge(Map<String, Group> other) {
        other.forEach((name, group) -> groups.merge(name, group, this::union));
    }

    private void leave(List<String> values) {
        List<Bound> bounds = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            Bound b = group(values.get(i)).bound;
            bounds.add(results == null ? b : b.join(results.get(i)));
        }
        results = bounds;
        states().forEach(this::remember);
    }
}
