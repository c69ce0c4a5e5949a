package dev.cresset.ir.script;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.SourceRange;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.Subtyping;
import dev.cresset.ir.type.Type;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Branches and their joins: which variables come out of an {@code if}, and with which types. */
final class Merges {
    /** A compiled branch, still open: values may be added at its end. */
    record Branch(Frame frame, List<Node> nodes) {}

    private final FunctionCompiler f;

    Merges(FunctionCompiler f) { this.f = f; }

    /** Compiles a branch with a frame of its own. */
    Branch branch(boolean continuation, Runnable body) {
        Frame frame = new Frame(f.frame, continuation);
        List<Node> nodes = f.inFrame(frame, new ArrayList<>(), body);
        return new Branch(frame, nodes);
    }

    /** An if whose blocks are complete. */
    List<Value> emitIf(Value condition, List<Node> yes, List<Value> yesOut, List<Node> no, List<Value> noOut,
        SourceRange range) {
        List<Value> outs = new ArrayList<>();
        for (int i = 0; i < yesOut.size(); i++) {
            Type joined = joinOrFail(yesOut.get(i).type(), noOut.get(i).type(), range);
            outs.add(new Value(joined));
        }
        emit(condition, new Block(List.of(), yes, yesOut), new Block(List.of(), no, noOut), outs, range);
        return outs;
    }

    private void emit(Value condition, Block yes, Block no, List<Value> outs, SourceRange range) {
        f.emitter.add(new Node(Kinds.IF, null, Map.of(), List.of(condition), outs, List.of(yes, no),
            f.emitter.location(range)));
    }

    private static Type joinOrFail(Type a, Type b, SourceRange range) {
        return Subtyping.join(a, b).orElseThrow(() -> FunctionCompiler.error("The value has type " + a.annotation()
            + " in the true branch and type " + b.annotation() + " in the false branch", range));
    }

    /** Joins two branches into the current frame. */
    void join(Value condition, Branch yes, Branch no, SourceRange range) {
        List<Value> yesOut = new ArrayList<>();
        List<Value> noOut = new ArrayList<>();
        List<Value> outs = new ArrayList<>();
        List<String> names = new ArrayList<>();
        if (yes.frame.flow != Frame.Flow.RAISES || no.frame.flow != Frame.Flow.RAISES) {
            for (String name : assigned(yes.frame, no.frame)) merge(name, yes, no, names, yesOut, noOut, outs, range);
        }
        emit(condition, new Block(List.of(), yes.nodes, yesOut), new Block(List.of(), no.nodes, noOut), outs, range);
        for (int i = 0; i < names.size(); i++) f.frame.assign(names.get(i), new Term.Val(outs.get(i)));
        if (yes.frame.flow == Frame.Flow.RAISES) keepRefinements(no.frame, range);
        if (no.frame.flow == Frame.Flow.RAISES) keepRefinements(yes.frame, range);
        Frame.Flow flow = yes.frame.flow.or(no.frame.flow);
        f.frame.flow = flow;
    }

    private static Set<String> assigned(Frame yes, Frame no) {
        Set<String> names = new LinkedHashSet<>();
        yes.own.forEach((name, e) -> { if (e.assigned()) names.add(name); });
        no.own.forEach((name, e) -> { if (e.assigned()) names.add(name); });
        return names;
    }

    private void merge(String name, Branch yes, Branch no, List<String> names, List<Value> yesOut, List<Value> noOut,
            List<Value> outs, SourceRange range) {
        Value a = yes.frame.flow == Frame.Flow.RAISES ? null : valueOf(yes.frame, name);
        Value b = no.frame.flow == Frame.Flow.RAISES ? null : valueOf(no.frame, name);
        boolean holeA = a == null && mayBeHole(yes.frame, name);
        boolean holeB = b == null && mayBeHole(no.frame, name);
        if (a == null && !holeA || b == null && !holeB || a == null && b == null) {
            boolean sameTerm = a == null && b == null && yes.frame.lookup(name) != null
                && yes.frame.lookup(name).equals(no.frame.lookup(name));
            if (sameTerm) {
                f.frame.assign(name, yes.frame.lookup(name));
            } else {
                f.frame.own.remove(name);
                f.frame.missing.put(name, name + " is not defined in the " + (a == null ? "true" : "false")
                    + " branch");
            }
            return;
        }
        Type type;
        if (a == null || b == null) {
            type = a == null ? b.type() : a.type();
        } else {
            Optional<Type> joined = join(name, a.type(), b.type());
            if (joined.isEmpty() && no.frame.flow.isDefinite()) {
                b = null;
            } else if (joined.isEmpty() && yes.frame.flow.isDefinite()) {
                a = null;
            } else if (joined.isEmpty()) {
                throw FunctionCompiler.error("Type mismatch: " + name + " is set to type " + a.type().annotation()
                    + " in the true branch and type " + b.type().annotation() + " in the false branch", range);
            }
            Type first = a == null ? b.type() : a.type();
            type = joined.orElse(first);
        }
        names.add(name);
        yesOut.add(a != null ? a : hole(yes, type, range));
        noOut.add(b != null ? b : hole(no, type, range));
        outs.add(new Value(type, name.startsWith("$") ? "" : name));
    }

    private Optional<Type> join(String name, Type a, Type b) {
        Optional<Type> joined = Subtyping.join(a, b);
        if (joined.isEmpty() && f.frame.lookup(name) instanceof Term.Val(Value outer)
            && a.isSubtypeOf(outer.type()) && b.isSubtypeOf(outer.type())) {
            return Optional.of(outer.type());
        }
        return joined;
    }

    private static Value valueOf(Frame frame, String name) {
        return frame.lookup(name) instanceof Term.Val(Value v) ? v : null;
    }

    /** True if nobody reads the variable after the branch where the branch leaves it undefined. */
    private static boolean mayBeHole(Frame frame, String name) {
        return frame.flow.isDefinite() || name.startsWith("$");
    }

    private Value hole(Branch branch, Type type, SourceRange range) {
        Value[] out = new Value[1];
        f.emitter.collect(branch.nodes, () -> out[0] = uninitialized(type, range));
        return out[0];
    }

    Value uninitialized(Type type, SourceRange range) {
        return f.emitter.prim(Kinds.UNINITIALIZED, List.of(), type == null ? SimpleType.UNKNOWN : type, range);
    }

    /** After a branch that raises, what the other one knows of types stays true. */
    private void keepRefinements(Frame frame, SourceRange range) {
        Map<String, Type> types = new java.util.LinkedHashMap<>();
        frame.own.forEach((name, e) -> {
            if (!e.assigned() && e.term() instanceof Term.Val(Value v)) types.put(name, v.type());
        });
        f.conditions.refine(types, range);
    }
}
