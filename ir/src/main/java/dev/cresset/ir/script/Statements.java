package dev.cresset.ir.script;

import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.SourceRange;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.script.ast.ClassDef;
import dev.cresset.ir.script.ast.Expr;
import dev.cresset.ir.script.ast.FunctionDef;
import dev.cresset.ir.script.ast.Stmt;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Compiles statements. Returns, breaks and continues become flag variables that are merged and carried like all others:
 * {@code $returned}, and per loop {@code $broke} and {@code $exited}; what follows a statement that may have left the
 * block runs under a test of the flag.
 */
final class Statements {
    private final FunctionCompiler f;
    private boolean flags;
    private int depth;

    Statements(FunctionCompiler f) { this.f = f; }

    void start(FunctionDef def) {
        flags = FunctionCompiler.hasEarlyExit(def.body());
        if (!flags) return;
        f.frame.assign(FunctionCompiler.RETURNED, falseTerm(def.header()));
        if (f.returnType != null) {
            f.frame.assign(FunctionCompiler.RESULT, new Term.Val(f.merges.uninitialized(f.returnType, def.header())));
        } else {
            f.frame.assign(FunctionCompiler.RESULT,
                new Term.Val(f.merges.uninitialized(SimpleType.UNKNOWN, def.header())));
        }
        f.frame.assign(exited(), falseTerm(def.header()));
    }

    private Term falseTerm(SourceRange range) { return new Term.Val(f.emitter.constant(false, range)); }

    private Term trueTerm(SourceRange range) { return new Term.Val(f.emitter.constant(true, range)); }

    /** The value the function returns, at its end. */
    Value result(SourceRange range) {
        return switch (f.frame.flow) {
            case EXITS -> ((Term.Val) f.frame.lookup(FunctionCompiler.RESULT)).value();
            case RAISES -> f.merges.uninitialized(f.returnType == null ? SimpleType.NONE : f.returnType, range);
            case FALLS -> implicitNone(range);
            case MAYBE -> {
                Value returned = ((Term.Val) f.frame.lookup(FunctionCompiler.RETURNED)).value();
                Value value = ((Term.Val) f.frame.lookup(FunctionCompiler.RESULT)).value();
                yield f.merges.emitIf(returned, List.of(), List.of(value), List.of(), List.of(implicitNone(range)),
                    range).getFirst();
            }
        };
    }

    private Value implicitNone(SourceRange range) {
        f.returnedTypes.add(SimpleType.NONE);
        Value none = f.emitter.none(range);
        if (f.returnType == null) return none;
        return f.tryConvert(none, f.returnType, range).orElseThrow(() ->
            FunctionCompiler.error("Function was not annotated as "
            + "having type None, but does not return along all paths", range));
    }

    void block(List<Stmt> body) {
        for (int i = 0; i < body.size(); i++) {
            Stmt s = body.get(i);
            if (s instanceof Stmt.If branch && i + 1 < body.size()
                && Exits.always(branch.yes()) != Exits.always(branch.no())) {
                conditional(branch, body.subList(i + 1, body.size()));
                return;
            }
            statement(s);
            if (f.frame.flow.isDefinite()) return;
            if (f.frame.flow == Frame.Flow.MAYBE && i + 1 < body.size()) {
                List<Stmt> rest = body.subList(i + 1, body.size());
                unlessExited(s.range(), () -> block(rest));
                return;
            }
        }
    }

    /** Runs what follows a statement that may have left the block. */
    void unlessExited(SourceRange range, Runnable rest) {
        Value gone = ((Term.Val) f.frame.lookup(exited())).value();
        Merges.Branch left = f.merges.branch(true, () -> f.frame.flow = Frame.Flow.EXITS);
        Merges.Branch stays = f.merges.branch(true, rest);
        f.merges.join(gone, left, stays, range);
    }

    private void statement(Stmt statement) {
        switch (statement) {
            case Stmt.Assign s -> f.assignments.assign(s);
            case Stmt.AugAssign s -> f.assignments.augmented(s);
            case Stmt.ExprStmt(Expr e, _) -> expression(e);
            case Stmt.Return s -> returns(s);
            case Stmt.Raise(Expr e, SourceRange range) -> raise(e, range);
            case Stmt.Assert s -> assertion(s);
            case Stmt.Pass _ -> { }
            case Stmt.Break(SourceRange range) -> leaveLoop(true, range);
            case Stmt.Continue(SourceRange range) -> leaveLoop(false, range);
            case Stmt.Del(List<Expr> targets, _) -> targets.forEach(f.assignments::delete);
            case Stmt.If s -> conditional(s, List.of());
            case Stmt.While s -> f.loops.whileLoop(s);
            case Stmt.For s -> f.loops.forLoop(s);
            case Stmt.With s -> with(s);
            case FunctionDef d -> f.frame.assign(d.name(), new Term.Closure(d, f.frame));
            case ClassDef c -> throw FunctionCompiler.error("a class cannot be defined inside a function", c.header());
        }
    }

    private void expression(Expr e) {
        if (e instanceof Expr.StringLiteral) return; // a documentation string
        Term term = f.expressions.term(e, null);
        if (term instanceof Term.Outputs || term instanceof Term.Val) return;
        f.terms.value(term, e.range());
    }

    // ---- leaving

    String exited() { return "$exited" + depth; }

    private String broke() { return "$broke" + depth; }

    private void returns(Stmt.Return s) {
        Value v = s.value().map(e -> f.expressions.value(e, f.returnType)).orElseGet(() -> f.emitter.none(s.range()));
        f.returnedTypes.add(v.type());
        if (f.returnType != null) {
            Value given = v;
            v = f.tryConvert(v, f.returnType, s.range()).orElseThrow(() ->
                FunctionCompiler.error("Return value was annotated as "
                + "having type " + f.returnType.annotation() + " but is actually of type "
                + given.type().annotation(), s.range()));
        }
        f.frame.assign(FunctionCompiler.RESULT, new Term.Val(v));
        if (flags) {
            f.frame.assign(FunctionCompiler.RETURNED, trueTerm(s.range()));
            f.frame.assign(exited(), trueTerm(s.range()));
            if (depth > 0) f.frame.assign(broke(), trueTerm(s.range()));
        }
        f.frame.flow = Frame.Flow.EXITS;
    }

    private void leaveLoop(boolean breaks, SourceRange range) {
        if (depth == 0) throw FunctionCompiler.error((breaks ? "break" : "continue") + " outside of a loop", range);
        if (breaks) f.frame.assign(broke(), trueTerm(range));
        f.frame.assign(exited(), trueTerm(range));
        f.frame.flow = Frame.Flow.EXITS;
    }

    /** The flag variables a loop carries when its body leaves early; defines them before the loop. */
    List<String> openLoop(Exits exits, SourceRange range) {
        depth++;
        List<String> carried = new ArrayList<>();
        if (!exits.any()) return carried;
        f.frame.assign(broke(), falseTerm(range));
        carried.add(broke());
        if (exits.returns()) carried.addAll(List.of(FunctionCompiler.RETURNED, FunctionCompiler.RESULT));
        return carried;
    }

    void startIteration(Exits exits, SourceRange range) { if (exits.any()) f.frame.assign(exited(), falseTerm(range)); }

    /** At the end of an iteration: whether to go on. {@code next} null means yes unless left. */
    Value continueLoop(Exits exits, Supplier<Value> next, SourceRange range) {
        if (!exits.any()) return next == null ? f.emitter.constant(true, range) : next.get();
        f.frame.flow = Frame.Flow.FALLS;
        Value broke = ((Term.Val) f.frame.lookup(broke())).value();
        if (next == null) return f.operators.call("aten::__not__", range, broke);
        Value[] out = new Value[1];
        var nodes = f.inFrame(new Frame(f.frame, true), new ArrayList<>(), () -> out[0] = next.get());
        return f.merges.emitIf(broke, List.of(), List.of(f.emitter.constant(false, range)), nodes, List.of(out[0]),
            range).getFirst();
    }

    /** After a loop: a return inside it leaves the blocks around it too. */
    void closeLoop(Exits exits) {
        depth--;
        if (!exits.returns()) return;
        Term returned = f.frame.lookup(FunctionCompiler.RETURNED);
        f.frame.assign(exited(), returned);
        if (depth > 0) f.frame.assign(broke(), returned);
        f.frame.flow = Frame.Flow.MAYBE;
    }

    // ---- if

    /** @param rest what follows the if, compiled into the branch that does not leave */
    private void conditional(Stmt.If s, List<Stmt> rest) {
        Conditions.Condition condition = f.conditions.compile(s.condition());
        if (condition.known() != null) {
            boolean yes = condition.known();
            f.conditions.refine(yes ? condition.whenTrue() : condition.whenFalse(), s.range());
            List<Stmt> all = new ArrayList<>(yes ? s.yes() : s.no());
            all.addAll(rest);
            block(all);
            return;
        }
        boolean restInNo = !rest.isEmpty() && Exits.always(s.yes());
        boolean restInYes = !rest.isEmpty() && !restInNo;
        Merges.Branch yes = branch(condition.whenTrue(), s.yes(), restInYes ? rest : List.of(), s.range());
        Merges.Branch no = branch(condition.whenFalse(), s.no(), restInNo ? rest : List.of(), s.range());
        f.merges.join(condition.value(), yes, no, s.range());
    }

    private Merges.Branch branch(Map<String, Type> types, List<Stmt> body, List<Stmt> rest, SourceRange range) {
        return f.merges.branch(!rest.isEmpty(), () -> {
            f.conditions.refine(types, range);
            if (rest.isEmpty()) {
                block(body);
            } else {
                List<Stmt> all = new ArrayList<>(body);
                all.addAll(rest);
                block(all);
            }
        });
    }

    // ---- raise, assert, with

    private void raise(Expr e, SourceRange range) {
        Term term;
        List<Value> args = List.of();
        if (e instanceof Expr.Call c) {
            term = f.expressions.term(c.callee(), null);
            args = f.calls.positional(c);
        } else {
            term = f.expressions.term(e, null);
        }
        if (!(term instanceof Term.ExceptionRef(String name))) {
            throw FunctionCompiler.error("raise takes an exception, such as ValueError(\"message\")", range);
        }
        Value message = args.isEmpty() ? f.emitter.constant("", range) : text(args.getFirst(), range);
        f.emitter.effect(Kinds.RAISE, Map.of(), List.of(message, f.emitter.constant("builtins." + name, range)), range);
        f.frame.flow = Frame.Flow.RAISES;
    }

    private Value text(Value v, SourceRange range) {
        return v.type() == SimpleType.STR ? v : f.operators.call("aten::str", range, v);
    }

    private void assertion(Stmt.Assert s) {
        Conditions.Condition condition = f.conditions.compile(s.condition());
        if (condition.known() != null && condition.known()) return;
        Merges.Branch holds = f.merges.branch(true, () -> f.conditions.refine(condition.whenTrue(), s.range()));
        Merges.Branch fails = f.merges.branch(true, () -> {
            f.conditions.refine(condition.whenFalse(), s.range());
            Value prefix = f.emitter.constant("AssertionError: ", s.range());
            Value message = s.message().map(m -> m instanceof Expr.StringLiteral(String text, SourceRange r)
                ? f.emitter.constant("AssertionError: " + text, r)
                : f.operators.call("aten::add", m.range(), prefix,
                text(f.expressions.value(m), m.range()))).orElse(prefix);
            f.emitter.effect(Kinds.RAISE, Map.of(), List.of(message, f.emitter.none(s.range())), s.range());
            f.frame.flow = Frame.Flow.RAISES;
        });
        f.merges.join(condition.value(), holds, fails, s.range());
    }

    /**
     * Enter and Exit stand around the body in the same block; whoever runs the graph calls Exit also when the body
     * raises.
     */
    private void with(Stmt.With s) {
        List<Value> open = new ArrayList<>();
        for (Stmt.With.Item item : s.items()) {
            Value context = f.expressions.value(item.context());
            Type entered = f.forms.methodReturn(context, "__enter__", item.context().range());
            Value v = f.emitter.prim(Kinds.ENTER, List.of(context), entered, item.context().range());
            item.target().ifPresent(t -> f.assignments.assign(t, new Term.Val(v)));
            open.addFirst(context);
        }
        block(s.body());
        boolean raises = f.frame.flow == Frame.Flow.RAISES;
        for (Value context : open) {
            if (!raises) f.emitter.prim(Kinds.EXIT, List.of(context),
                f.forms.methodReturn(context, "__exit__", s.range()), s.range());
        }
    }
}
