package dev.cresset.kernels.plan.passes;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Uses;
import dev.cresset.kernels.op.Body;
import dev.cresset.kernels.op.Operator;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * Finds out whether a value that lies row-major may lie with gaps between its rows instead, without anybody noticing: all that
 * reads it, or a view of it, reads by strides, and no view leaves the graph. A view that demands row-major memory is noted: it
 * is to become a reshape, which copies where that is needed.
 */
final class StridedReaders {
    private static final Set<String> KEEP_ORDER = Set.of("aten::view", "aten::reshape", "aten::unsqueeze");
    private static final Set<String> CHANGE_ORDER = Set.of("aten::permute", "aten::transpose", "aten::t", "aten::select", "aten::slice", "aten::narrow",
        "aten::expand");
    private static final Set<String> READ = Set.of("aten::matmul", "aten::mm", "aten::bmm", "aten::baddbmm", "aten::addmm", "aten::linear", "aten::size",
        "aten::dim", "aten::softmax");

    private final Uses uses;
    private final Set<Node> views = Collections.newSetFromMap(new IdentityHashMap<>());

    StridedReaders(Uses uses) { this.uses = uses; }

    /** The views found that demand row-major memory. */
    Set<Node> views() { return views; }

    /** True if nobody would notice. */
    boolean areAll(Value rowMajor) { return areAll(rowMajor, true); }

    /** @param rowMajor false for views in another order: some would fail as they are, and a plan is to fail as well */
    private boolean areAll(Value v, boolean rowMajor) {
        for (Uses.Use use : uses.of(v)) if (use.node() == null || use.block() != null || !reads(use.node(), use.index(), rowMajor)) return false;
        return true;
    }

    private boolean reads(Node n, int at, boolean rowMajor) {
        if (!(n.operator() instanceof Operator o)) return false;
        if (READ.contains(n.kind()) || o.body() instanceof Body.Pointwise) return !o.schema().hasAliasedReturn();
        if (at != 0 || n.outputs().size() != 1) return false;
        if (CHANGE_ORDER.contains(n.kind())) return areAll(n.output(), false);
        boolean view = o.schema().qualifiedName().equals("aten::view");
        if (!KEEP_ORDER.contains(n.kind()) || n.kind().equals("aten::view") && !(view && rowMajor)) return false;
        if (view) views.add(n);
        return areAll(n.output(), rowMajor);
    }
}
