package dev.cresset.ir.script;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.SourceRange;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.script.ast.Stmt;
import dev.cresset.ir.type.SimpleType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Compiles loops: every variable that the body assigns and that is defined before is carried around. */
final class Loops {
    private final FunctionCompiler f;

    Loops(FunctionCompiler f) { this.f = f; }

    void whileLoop(Stmt.While s) {
        SourceRange range = s.range();
        Conditions.Condition first = f.conditions.compile(s.condition());
        if (first.known() != null && !first.known()) return;
        Supplier<Value> next = () -> f.conditions.compile(s.condition()).value();
        loop(f.emitter.constant(Long.MAX_VALUE, range), first.value(), s.body(), List.of(), _ ->
            f.conditions.refine(first.whenTrue(), range),
            next, range);
    }

    void forLoop(Stmt.For s) {
        Term over = f.expressions.term(s.iter(), null);
        SourceRange range = s.range();
        List<Term> items = f.iterations.fixedItems(over, s.iter().range());
        if (items != null) {
            unroll(s, items, 0);
            return;
        }
        Iterations.Iteration iteration = f.iterations.over(over, s.iter().range());
        List<String> targets = new ArrayList<>();
        Exits.targetNames(s.target(), targets);
        loop(iteration.length(), f.emitter.constant(true, range), s.body(), targets,
            i -> f.assignments.assign(s.target(), iteration.element(i)), null, range);
    }

    private void unroll(Stmt.For s, List<Term> items, int from) {
        if (Exits.in(s.body()).leaves()) {
            throw FunctionCompiler.error("break and continue cannot stand in a loop over a tuple or module list, "
                + "which is unrolled", s.range());
        }
        for (int i = from; i < items.size(); i++) {
            f.assignments.assign(s.target(), items.get(i));
            f.statements.block(s.body());
            if (f.frame.flow.isDefinite()) return;
            if (f.frame.flow == Frame.Flow.MAYBE) {
                int next = i + 1;
                if (next < items.size()) f.statements.unlessExited(s.range(), () -> unroll(s, items, next));
                return;
            }
        }
    }

    private void loop(Value tripCount, Value condition, List<Stmt> body, List<String> targets, Consumer<Value> start,
            Supplier<Value> next, SourceRange range) {
        Exits exits = Exits.in(body);
        Set<String> assigned = new LinkedHashSet<>(targets);
        assigned.addAll(Exits.assignedNames(body));
        Set<String> carried = new LinkedHashSet<>();
        for (String name : assigned) if (f.frame.lookup(name) instanceof Term.Val) carried.add(name);
        Frame before = f.frame;
        List<String> flags = f.statements.openLoop(exits, range);
        carried.addAll(flags);
        emit(tripCount, condition, new ArrayList<>(carried), i -> {
            f.statements.startIteration(exits, range);
            start.accept(i);
            f.statements.block(body);
            return f.statements.continueLoop(exits, next, range);
        }, range);
        f.statements.closeLoop(exits);
        if (f.frame != before) throw new IllegalStateException("frames are out of step");
    }

    /** A loop over a body that is given the iteration number and answers whether to go on. */
    void emit(Value tripCount, Value condition, List<String> carried, java.util.function.Function<Value, Value> body,
        SourceRange range) {
        Value index = new Value(SimpleType.INT);
        List<Value> params = new ArrayList<>(List.of(index));
        List<Value> inputs = new ArrayList<>(List.of(tripCount, condition));
        List<Value> outs = new ArrayList<>();
        Frame frame = new Frame(f.frame, false);
        for (String name : carried) {
            Value v = ((Term.Val) f.frame.lookup(name)).value();
            String hint = name.startsWith("$") ? "" : name;
            Value p = new Value(v.type(), hint);
            inputs.add(v);
            params.add(p);
            outs.add(new Value(v.type(), hint));
            frame.assign(name, new Term.Val(p));
        }
        List<Value> returns = new ArrayList<>();
        List<Node> nodes = f.inFrame(frame, new ArrayList<>(), () -> {
            returns.add(body.apply(index));
            for (String name : carried) returns.add(carriedOut(name, frame, range));
        });
        f.emitter.add(new Node(Kinds.LOOP, null, Map.of(), inputs, outs, List.of(new Block(params, nodes, returns)),
            f.emitter.location(range)));
        for (int i = 0; i < carried.size(); i++) f.frame.assign(carried.get(i), new Term.Val(outs.get(i)));
    }

    private Value carriedOut(String name, Frame frame, SourceRange range) {
        if (frame.lookup(name) instanceof Term.Val(Value v)) return v;
        String why = frame.whyMissing(name);
        throw FunctionCompiler.error(why != null ? why : name + " is not defined at the end of the loop", range);
    }
}
