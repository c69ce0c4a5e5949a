package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Location;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.Type;
import dev.cresset.kernels.op.MetaExecution;
import java.util.ArrayList;
import java.util.List;

/** The results of two branches put together: what both say holds, all else comes out as a value. */
final class BranchJoin {
    private final Facts facts;
    private final Branches.Branch a, b;
    /** The nodes of the branches, with what makes the values they return. */
    final List<Node> left, right;
    final List<Value> leftReturns = new ArrayList<>(), rightReturns = new ArrayList<>(), outputs = new ArrayList<>();

    BranchJoin(Facts facts, Branches.Branch a, Branches.Branch b) {
        this.facts = facts;
        this.a = a;
        this.b = b;
        left = new ArrayList<>(a.nodes());
        right = new ArrayList<>(b.nodes());
    }

    /** What holds of the i-th result after the branches. @param output the result in the graph at hand */
    Fact merge(int i, Value output) {
        Fact x = a.results() == null ? null : a.results().get(i), y = b.results() == null ? null : b.results().get(i);
        if (x == null && y == null) return null;
        return merge(x, y, output.type(), output.hint());
    }

    private Fact merge(Fact x, Fact y, Type type, String hint) {
        Fact only = x == null ? y : y == null ? x : null;
        if (only instanceof Fact.Known || only instanceof Fact.Module || only instanceof Fact.Shaped s && s.isConstant()) return only;
        if (x != null && x.equals(y)) return x;     // it is from outside the branches
        Fact tuple = tuples(x, y, hint);
        if (tuple != null) return tuple;
        Fact.Shaped shape = shape(x, y);
        if (shape != null) return shapedOutput(x, y, shape, hint);
        Type narrow = only instanceof Fact.Unknown u ? u.value().type() : plain(type);
        return new Fact.Unknown(output(x, y, narrow, hint));
    }

    private Fact tuples(Fact x, Fact y, String hint) {
        Fact.Tupled t = x instanceof Fact.Tupled p ? p : y instanceof Fact.Tupled q ? q : null;
        if (t == null || x != null && !(x instanceof Fact.Tupled) || y != null && !(y instanceof Fact.Tupled)) return null;
        List<Fact> elements = new ArrayList<>();
        for (int i = 0; i < t.elements().size(); i++) {
            elements.add(merge(element(x, i), element(y, i), t.type().elements().get(i), hint));
        }
        elements.forEach(f -> { if (!(f instanceof Fact.Known)) facts.register(f); });
        return new Fact.Tupled(t.type(), dev.cresset.kernels.value.ScriptTuple.of(t.type(),
            elements.stream().map(Fact::mirror).toArray()), elements);
    }

    private static Fact element(Fact tuple, int i) { return tuple == null ? null : ((Fact.Tupled) tuple).elements().get(i); }

    private static Fact.Shaped shape(Fact x, Fact y) {
        if (x == null) return y instanceof Fact.Shaped s ? s : null;
        if (y == null) return x instanceof Fact.Shaped s ? s : null;
        return x instanceof Fact.Shaped s && y instanceof Fact.Shaped t && Branches.sameType(s, t) ? s : null;
    }

    private Fact shapedOutput(Fact x, Fact y, Fact.Shaped shape, String hint) {
        if (x != null) facts.expose(x);
        if (y != null) facts.expose(y);
        Value out = output(x, y, Facts.typeOf(shape.mirror()), hint);
        return facts.shaped(MetaExecution.tensor(Facts.typeOf(shape.mirror())), out);
    }

    /** A guard may have told more of a value in one branch than holds in both. */
    private static Type plain(Type type) { return type.isTensor() ? dev.cresset.ir.type.TensorType.ANY : type; }

    private Value output(Fact x, Fact y, Type type, String hint) {
        leftReturns.add(returned(left, x, type));
        rightReturns.add(returned(right, y, type));
        Value out = new Value(type, hint);
        outputs.add(out);
        return out;
    }

    /** A value at the end of a branch; of one that never gets there a placeholder. */
    private Value returned(List<Node> branch, Fact f, Type type) {
        List<Value> out = new ArrayList<>();
        branch.addAll(facts.nested(() -> out.add(f == null
            ? facts.emission.structural(Kinds.UNINITIALIZED, List.of(), type, Location.NONE) : facts.escape(f, type))));
        return out.getFirst();
    }
}
