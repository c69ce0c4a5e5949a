package dev.cresset.ir.script;

import dev.cresset.ir.diag.ScriptException;
import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.SourceRange;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.schema.Argument;
import dev.cresset.ir.schema.SchemaMatcher;
import dev.cresset.ir.script.ast.FunctionDef;
import dev.cresset.ir.script.ast.Stmt;
import dev.cresset.ir.type.ClassType;
import dev.cresset.ir.type.OptionalType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.Subtyping;
import dev.cresset.ir.type.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Compiles the body of one function to a graph: holds what its parts share, the emitter and the current variables. */
final class FunctionCompiler {
    /**
     * The value to return, and the flags that say a return, break or continue has happened; no source name has a
     * dollar.
     */
    static final String RESULT = "$result";
    static final String RETURNED = "$returned";
    /** Functions within functions may have to be compiled twice each, so their depth is bounded. */
    private static final int MAX_NESTED_FUNCTIONS = 6;

    final CompilationUnit unit;
    final Emitter emitter;
    final Operators operators;
    final Terms terms;
    final Calls calls;
    final SpecialForms forms;
    final Subscripts subscripts;
    final Conditions conditions;
    final Expressions expressions;
    final Comparisons comparisons;
    final Merges merges;
    final Iterations iterations;
    final Loops loops;
    final Assignments assignments;
    final Statements statements;
    Frame frame = new Frame(null, false);
    /** The declared return type, or null where it follows from the returns. */
    final Type returnType;
    final List<Type> returnedTypes = new ArrayList<>();
    private final FunctionCompiler enclosing;
    private final Frame enclosingFrame;
    private final Map<Value, Value> captures = new LinkedHashMap<>();

    private FunctionCompiler(CompilationUnit unit, String name, Type returnType, FunctionCompiler enclosing,
            Frame enclosingFrame) {
        this.unit = unit;
        this.returnType = returnType;
        this.enclosing = enclosing;
        this.enclosingFrame = enclosingFrame;
        this.emitter = new Emitter(name);
        this.operators = new Operators(this);
        this.terms = new Terms(this);
        this.calls = new Calls(this);
        this.forms = new SpecialForms(this);
        this.subscripts = new Subscripts(this);
        this.conditions = new Conditions(this);
        this.expressions = new Expressions(this);
        this.comparisons = new Comparisons(this);
        this.merges = new Merges(this);
        this.iterations = new Iterations(this);
        this.loops = new Loops(this);
        this.assignments = new Assignments(this);
        this.statements = new Statements(this);
    }

    /** The graph, and the type it returns. */
    record Compiled(Graph graph, Type returned) {}

    /** @param returnType the declared one, or null to infer it */
    static Compiled compile(CompilationUnit unit, String name, FunctionDef def, List<Argument> arguments,
            Type returnType) {
        Type type = returnType;
        if (type == null) {
            FunctionCompiler trial = new FunctionCompiler(unit, name, null, null, null);
            Graph graph = trial.body(def, arguments);
            type = trial.inferredReturn(def);
            if (!hasEarlyExit(def.body())) return new Compiled(graph, type); // no merge needed to know the type
        }
        Graph graph = new FunctionCompiler(unit, name, type, null, null).body(def, arguments);
        return new Compiled(graph, type);
    }

    private Graph body(FunctionDef def, List<Argument> arguments) {
        List<Value> params = new ArrayList<>();
        for (Argument a : arguments) {
            Value p = new Value(a.type(), a.name());
            params.add(p);
            frame.assign(a.name(), new Term.Val(p));
        }
        Value result = run(def);
        return new Graph(emitter.finish(params, List.of(result)));
    }

    private Value run(FunctionDef def) {
        statements.start(def);
        statements.block(def.body());
        return statements.result(def.header());
    }

    private Type inferredReturn(FunctionDef def) {
        if (returnedTypes.isEmpty()) return SimpleType.NONE;
        Type joined = returnedTypes.getFirst();
        for (Type t : returnedTypes) {
            Type before = joined;
            joined = Subtyping.join(joined, t).orElseThrow(() -> error("Previous return statement returned a "
                + "value of type " + before.annotation() + " but this return statement returns a value of type "
                + t.annotation(), def.header()));
        }
        return joined;
    }

    /** A graph whose inputs are the values it captures from this function. */
    record Captured(Graph graph, List<Value> values, Type returned) {}

    /** Compiles a function defined in this one as a graph of its own. */
    Captured closure(Term.Closure closure, SourceRange range) {
        FunctionDef def = closure.definition();
        if (!def.params().isEmpty()) throw error("A forked function defined inside another takes no parameters", range);
        if (nesting() >= MAX_NESTED_FUNCTIONS) {
            throw error("functions are nested more than " + MAX_NESTED_FUNCTIONS + " deep", range);
        }
        Type type = def.returnType().map(unit.types()::resolve).orElse(null);
        if (type == null && hasEarlyExit(def.body())) {
            FunctionCompiler trial = new FunctionCompiler(unit, def.name(), null, this, closure.scope());
            trial.run(def);
            type = trial.inferredReturn(def);
        }
        FunctionCompiler inner = new FunctionCompiler(unit, def.name(), type, this, closure.scope());
        Value result = inner.run(def);
        return inner.captured(result);
    }

    private int nesting() { return enclosing == null ? 0 : enclosing.nesting() + 1; }

    /** A graph that calls a term with arguments of this function, for {@code fork(f, x)}. */
    Captured callAsGraph(Term callee, List<Value> args, Map<String, Value> named, SourceRange range) {
        FunctionCompiler inner = new FunctionCompiler(unit, "fork", null, this, frame);
        List<Value> innerArgs = args.stream().map(inner::capture).toList();
        Map<String, Value> innerNamed = new LinkedHashMap<>();
        named.forEach((k, v) -> innerNamed.put(k, inner.capture(v)));
        Term result = inner.calls.invoke(inner.captureTerm(callee), innerArgs, innerNamed, range);
        return inner.captured(inner.terms.value(result, range));
    }

    private Captured captured(Value result) {
        Block body = emitter.finish(List.copyOf(captures.values()), List.of(result));
        return new Captured(new Graph(body), List.copyOf(captures.keySet()), result.type());
    }

    private Value capture(Value outer) {
        Emitter.Known constant = enclosing.emitter.known(outer);
        if (constant != null) return emitter.constant(constant.value(), outer.type(), null);
        return captures.computeIfAbsent(outer, v -> new Value(v.type(), v.hint()));
    }

    private Term captureTerm(Term outer) {
        return switch (outer) {
            case Term.Val(Value v) -> new Term.Val(capture(v));
            case Term.Method(Value object, String name) -> new Term.Method(capture(object), name);
            case Term.Operator(String name, Value self) when self != null -> new Term.Operator(name, capture(self));
            case null -> null;
            default -> outer;
        };
    }

    /** What a name stands for: a variable, one of the enclosing function, or a global. */
    Term lookup(String name, SourceRange range) {
        Term local = frame.lookup(name);
        if (local != null) return local;
        if (enclosing != null) {
            Term outer = enclosingFrame.lookup(name);
            if (outer != null) return captureTerm(outer);
        }
        Term global = terms.global(name);
        if (global != null) return global;
        String why = frame.whyMissing(name);
        throw error(why != null ? why : "undefined value " + name, range);
    }

    /** Runs the body with a block of its own. */
    List<Node> inFrame(Frame inner, List<Node> into, Runnable body) {
        Frame saved = frame;
        frame = inner;
        try {
            return emitter.collect(into, body);
        } finally {
            frame = saved;
        }
    }

    /** The value as one of the wanted type, converted if that takes a conversion; empty if it cannot be. */
    Optional<Value> tryConvert(Value v, Type wanted, SourceRange range) {
        return SchemaMatcher.convert(v.type(), emitter.isEmptyList(v), wanted, true).map(c ->
            operators.apply(c, v, range));
    }

    /** The value with exactly the wanted type, which its own type is a subtype of. */
    Value widen(Value v, Type wanted, SourceRange range) {
        if (v.type().equals(wanted) || v.type().isTensor() && wanted.isTensor()) return v;
        Emitter.Known k = emitter.known(v);
        if (k != null && k.value() == null && wanted instanceof OptionalType) return emitter.constant(null, wanted,
            range);
        if (v.type() instanceof ClassType) return v;
        return emitter.prim(Kinds.UNCHECKED_CAST, List.of(v), wanted, range);
    }

    static ScriptException error(String reason, SourceRange range) {
        if (range == null) return new ScriptException(reason);
        return range.original()
            .map(o -> new ScriptException(reason + ":\n" + range.show() + "\n" + o.show("originally, in file \""
                + o.source().name() + "\", line " + o.line()) + "\n"))
            .orElseGet(() -> new ScriptException(reason, range));
    }

    /**
     * True if the function needs flags for returns, breaks or continues: if there are any but one return at the end.
     */
    static boolean hasEarlyExit(List<Stmt> body) {
        for (int i = 0; i < body.size(); i++) {
            if (i == body.size() - 1 && body.get(i) instanceof Stmt.Return) return false;
            if (Exits.in(body.get(i)).any()) return true;
        }
        return false;
    }
}
