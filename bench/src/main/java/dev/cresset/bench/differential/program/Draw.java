package dev.cresset.bench.differential.program;

import dev.cresset.bench.differential.program.Statement.Assign;
import dev.cresset.bench.differential.program.Statement.Other;
import dev.cresset.ir.type.ScalarType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/** The pen of a random program's author: what is in scope, the statements so far, and the random numbers. */
final class Draw {
    /** Beyond this a value is brought back to the order of 1. */
    private static final double LARGE = 64;
    /** Values that may be off by more are not computed with any further. */
    private static final double IMPRECISE = 1e-3;

    final SplittableRandom random;
    private final Map<String, Weight> weights = new LinkedHashMap<>();
    private final List<String> numbers = new ArrayList<>();
    private final Map<String, Long> largest = new HashMap<>();
    private final List<Variable> hidden = new ArrayList<>();
    /** Of views: whose memory they are views of. */
    private final Map<String, Set<String>> owners = new HashMap<>();
    private List<Variable> scope = new ArrayList<>();
    private List<Statement> block = new ArrayList<>();
    private int names;

    /** Whether arguments may hold NaN and infinity. */
    final boolean special;

    Draw(long seed) {
        random = new SplittableRandom(seed);
        special = chance(0.1);
    }

    // ---- chance

    int below(int n) { return random.nextInt(n); }

    boolean chance(double p) { return random.nextDouble() < p; }

    @SafeVarargs final <T> T oneOf(T... choices) { return choices[below(choices.length)]; }

    <T> T oneOf(List<T> choices) { return choices.get(below(choices.size())); }

    // ---- names and sizes

    String fresh(String prefix) { return prefix + names++; }

    /** Declares a size that calls choose, and how large it may get. */
    void size(String name, long most) { largest.put(name, most); }

    long most(Dim dim) { return dim.at(largest); }

    /** An integer variable, up to 64, that may be used in expressions. */
    void number(String name) { numbers.add(name); }

    List<String> numbers() { return numbers; }

    // ---- scope

    List<Variable> scope() { return scope; }

    void declare(Variable v) { scope.add(v); }

    void forget(String name) { scope.removeIf(v -> v.name().equals(name)); }

    /** Another kind of knowledge of the same variable. */
    void replace(Variable known, Variable now) { scope.replaceAll(v -> v == known ? now : v); }

    /** A variable that fits, the later ones preferred; null if there is none. */
    Variable variable(Predicate<TensorKind> fits) { return pick(v -> fits.test(v.kind())); }

    Variable pick(Predicate<Variable> fits) {
        List<Variable> all = scope.stream().filter(fits).toList();
        if (all.isEmpty()) return null;
        int n = all.size();
        return all.get(Math.max(below(n), below(n)));
    }

    Variable floating() { return variable(TensorKind::floating); }

    Variable named(String name) { return scope.stream().filter(v -> v.name().equals(name)).reduce((_, last) -> last).orElseThrow(); }

    // ---- weights

    Variable weight(ScalarType dtype, double low, double high, long... shape) {
        Weight w = new Weight(fresh("w"), dtype, shape, low, high, random.nextLong());
        weights.put(w.name(), w);
        List<Dim> dims = java.util.Arrays.stream(shape).mapToObj(Dim::of).toList();
        return new Variable("self." + w.name(), new TensorKind(dtype, dims, !dtype.isFloating()), w.bound(), false);
    }

    Map<String, Weight> weights() { return weights; }

    // ---- statements

    void emit(Statement s) { block.add(s); }

    void say(String text) { emit(new Other(text)); }

    /** Assigns to a new variable, which is then in scope. */
    Variable let(Expression value) {
        Bound estimate = estimate(value);
        String name = fresh("v");
        emit(new Assign(List.of(name), value));
        if (value.view()) owners.put(name, owners(value.arguments()));
        boolean writable = !value.view() || value.arguments().stream().allMatch(this::isWritable);
        Variable v = new Variable(name, value.kind(), estimate, writable);
        declare(v);
        if (!value.kind().floating()) return v;
        Variable usable = estimate.magnitude() <= LARGE ? v : let(calm(v));
        if (usable != v) hide(v);
        if (estimate.error() > IMPRECISE) hide(usable);
        return usable;
    }

    private Set<String> owners(List<String> names) {
        Set<String> all = new HashSet<>();
        for (String n : names) all.addAll(owners.getOrDefault(n, Set.of(n)));
        return all;
    }

    /** Whether two variables may be views of one memory. */
    boolean mayShare(Variable a, Variable b) { return owners(List.of(a.name())).stream().anyMatch(owners(List.of(b.name()))::contains); }

    /** Not to be drawn any more. */
    private void hide(Variable v) {
        scope.remove(v);
        hidden.add(v);
    }

    Bound estimate(Expression value) { return value.rule().apply(value.arguments().stream().map(this::bound).toList(), largest); }

    private static Expression calm(Variable v) {
        return Expression.computed("torch.tanh(" + v.name() + ")", List.of(v.name()), v.kind().rounded(),
            (a, _) -> a.getFirst().through(1, 1).rounded(v.kind().dtype(), 1));
    }

    /** Without a new variable in scope that may be written. */
    Variable letReadOnly(Expression value) {
        let(value);
        Variable v = scope.removeLast();
        Variable readOnly = new Variable(v.name(), v.kind(), v.estimate(), false);
        declare(readOnly);
        return readOnly;
    }

    private boolean isWritable(String name) { return scope.stream().anyMatch(v -> v.name().equals(name) && v.writable()); }

    private Bound bound(String name) {
        for (Variable v : scope.reversed()) if (v.name().equals(name)) return v.estimate();
        for (Variable v : hidden) if (v.name().equals(name)) return v.estimate();
        if (name.startsWith("self.") && weights.containsKey(name.substring(5))) return weights.get(name.substring(5)).bound();
        throw new IllegalStateException(name + " is not in scope");
    }

    /** Statements of a nested block; what they declare is not visible afterwards. */
    List<Statement> block(Runnable body) {
        List<Statement> outerBlock = block;
        List<Variable> outerScope = scope;
        int outerNumbers = numbers.size();
        block = new ArrayList<>();
        scope = new ArrayList<>(outerScope);
        body.run();
        List<Statement> made = List.copyOf(block);
        block = outerBlock;
        scope = outerScope;
        while (numbers.size() > outerNumbers) numbers.removeLast();
        return made;
    }
}
