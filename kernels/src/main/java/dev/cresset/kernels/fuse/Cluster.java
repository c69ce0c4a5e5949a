package dev.cresset.kernels.fuse;

import dev.cresset.ir.graph.Value;
import dev.cresset.kernels.expr.Expr;
import java.util.HashSet;
import java.util.List;
import java.util.TreeSet;

/** Nodes that become one group, with the loop nest they make. Compared by identity. */
final class Cluster {
    private final TreeSet<Integer> members;
    private final List<Value> outputs;
    private final LoopNest nest;
    private final int expressions;
    private final double cost;

    private Cluster(TreeSet<Integer> members, List<Value> outputs, LoopNest nest, int expressions) {
        this.members = members;
        this.outputs = outputs;
        this.nest = nest;
        this.expressions = expressions;
        this.cost = FusionCost.of(nest);
    }

    /** The positions of the nodes. */
    TreeSet<Integer> members() { return members; }

    /** What others read of it. */
    List<Value> outputs() { return outputs; }

    double cost() { return cost; }

    /** False if together with the other it is too large for certain, unless they have most in common. */
    boolean mayJoin(Cluster other) { return expressions + other.expressions <= FusionCost.MAX_EXPRESSIONS + FusionCost.MAX_OPERANDS; }

    /** @throws CannotFuse if the nodes do not make one loop nest, or one that is too large */
    static Cluster of(TreeSet<Integer> members, Readers readers, Definitions known) {
        List<Value> outputs = readers.outputs(members);
        if (outputs.isEmpty()) throw new CannotFuse("nobody reads it");
        RowLowering.Inside inside = v -> {
            int at = readers.definer(v);
            return at >= 0 && (members.contains(at) || readers.role(at) == Definitions.Role.FREE) ? known.term(v) : null;
        };
        GroupLowering.Lowered l = new GroupLowering(known, outputs, inside, Layouts.BY_TYPE).lower();
        if (l.expressions() > FusionCost.MAX_EXPRESSIONS || l.nest().inputs().size() > FusionCost.MAX_OPERANDS
            || l.nest().results().size() > FusionCost.MAX_RESULTS || new HashSet<>(l.sources()).size() > FusionCost.MAX_INPUTS) {
            throw new CannotFuse("too large");
        }
        return new Cluster(members, outputs, l.nest(), l.expressions());
    }

    /** True if it moves elements and computes nothing. */
    boolean isCopy() {
        return nest.results().stream().allMatch(r -> r.value() instanceof Expr.Load);
    }

    long elements() { return nest.rows() * nest.rowLength(); }
}
