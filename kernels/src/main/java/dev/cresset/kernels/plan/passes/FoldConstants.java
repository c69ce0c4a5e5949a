package dev.cresset.kernels.plan.passes;

import dev.cresset.ir.diag.CressetException;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Pass;
import dev.cresset.ir.rewrite.PassContext;
import dev.cresset.ir.rewrite.Rewriter;
import dev.cresset.ir.rewrite.Uses;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.cuda.driver.CudaException;
import dev.cresset.kernels.cuda.driver.CudaUnsupportedException;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Operator;
import dev.cresset.kernels.plan.Workshop;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs operators on constants now.
 *
 * <pre>{@code
 * %w = prim::Constant[value=<Tensor>]()
 * %t = aten::t(%w)                          →     %t = prim::Constant[value=<Tensor>]()
 * }</pre>
 *
 * <p>Exact: it is what a run would do. Left alone: operators that draw random numbers or have effects, results of more than
 * {@link #LARGEST} bytes that are no views, and what fails (a run says so better).
 */
public final class FoldConstants implements Pass {
    static final long LARGEST = 64 << 20;

    private final Workshop workshop;
    private final boolean anySizes;

    public FoldConstants(Workshop workshop) { this(workshop, false); }

    private FoldConstants(Workshop workshop, boolean anySizes) {
        this.workshop = workshop;
        this.anySizes = anySizes;
    }

    /** For parts of a graph that may write what they return: a result that can be reached from outside of the part stays. */
    public static FoldConstants forAnySizes(Workshop workshop) { return new FoldConstants(workshop, true); }

    @Override public Graph run(Graph graph, PassContext context) {
        Map<Value, Object> known = new IdentityHashMap<>();
        Uses uses = Uses.of(graph);
        return Rewriter.rewrite(graph, (n, _) -> fold(n, known, uses, context));
    }

    /** True if nothing outside of the graph gets at the memory of a value. */
    private static boolean staysInside(Value v, Uses uses) {
        for (Uses.Use use : uses.of(v)) {
            Node n = use.node();
            if (n == null || use.block() != null) return false;
            boolean fresh = n.operator() != null ? !n.operator().schema().hasAliasedReturn() : n.subgraph().isPresent();
            if (!fresh && !n.outputs().stream().allMatch(o -> staysInside(o, uses))) return false;
        }
        return true;
    }

    private List<Node> fold(Node n, Map<Value, Object> known, Uses uses, PassContext context) {
        if (n.is(Kinds.CONSTANT)) known.put(n.output(), n.attribute("value"));
        if (n.is(Kinds.CONSTANT) || !known.keySet().containsAll(n.inputs())) return null;
        if (n.is(Kinds.LIST_CONSTRUCT)) {
            known.put(n.output(), new ScriptList(((dev.cresset.ir.type.ListType) n.output().type()).element(),
                new ArrayList<>(n.inputs().stream().map(known::get).toList())));
            return null;    // a list has no text as a constant; what it is given to is folded
        }
        if (anySizes && !n.outputs().stream().allMatch(v -> staysInside(v, uses))) return null;
        List<Object> results = n.is(Kinds.LIST_UNPACK) ? new ArrayList<>((List<?>) known.get(n.input(0))) : results(n, known);
        if (results == null || results.size() != n.outputs().size() || !context.mayChange()) return null;
        List<Node> out = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            Value v = n.outputs().get(i);
            known.put(v, results.get(i));
            if (results.get(i) instanceof ScriptList) return null;
            out.add(Node.constant(results.get(i), v, n.location()));
        }
        return out;
    }

    private List<Object> results(Node n, Map<Value, Object> known) {
        if (!(n.operator() instanceof Operator o) || o.isNondeterministic() || o.hasSideEffects() || !o.isImplemented()) return null;
        if (n.outputs().stream().anyMatch(v -> v.type() instanceof TensorType t && !t.isComplete())) return null;
        int mark = workshop.context().scope().mark();
        try {
            Object r = o.run(new Args(workshop.context(), n.inputs().stream().map(known::get).toArray()));
            List<Object> out = new ArrayList<>();
            for (Object each : r instanceof Object[] several ? several : new Object[] {r}) out.add(kept(each));
            return out.contains(null) ? null : out;
        } catch (CressetException e) {
            if (e instanceof CudaException && !(e instanceof CudaUnsupportedException)) throw e;     // says nothing about the operator
            return null;
        } finally {
            workshop.context().scope().releaseUnheldSince(mark);
        }
    }

    /** The value in memory of its own; null if it is too large. */
    private Object kept(Object o) {
        if (o instanceof ScriptList l) {
            List<Object> items = new ArrayList<>();
            for (Object i : l) items.add(kept(i));
            return items.contains(null) ? null : new ScriptList(l.elementType(), items);
        }
        if (!(o instanceof Tensor t)) return o;
        if (!t.storage().isPooled()) return t;
        return t.storage().byteSize() > LARGEST ? null : workshop.kept(t);
    }
}
