package dev.cresset.kernels.plan.passes;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.rewrite.Uses;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.fuse.FuseGroups;

/** Products of few rows with a constant matrix, which are not left to the library: what follows them is a kernel of its own. */
public final class SmallProducts {
    /** From so many rows on the library is faster. */
    public static final int MOST_ROWS = 4;
    /** Without the Vector API there is no fast loop. */
    public static final boolean ARE_FAST = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();

    private SmallProducts() {}

    private static long rows(TensorType t) { return t.sizes().subList(0, Math.max(0, t.sizes().size() - 1)).stream().reduce(1L, (a, b) -> a * b); }

    /** True for a product whose result has so few rows that on a device it becomes part of a generated kernel. */
    static boolean hasFewRows(Node n) {
        return n.outputs().size() == 1 && n.output().type() instanceof TensorType t && t.isComplete() && rows(t) <= FuseGroups.MOST_ROWS;
    }

    /** True for a product that is done without the library. */
    static boolean is(Node n, Uses uses) {
        if (!ARE_FAST || !(n.output().type() instanceof TensorType t) || t.sizes() == null || t.sizes().isEmpty()) return false;
        if (rows(t) > MOST_ROWS) return false;
        return switch (n.kind()) {
            case "aten::mm", "aten::matmul" -> Constants.tensor(n.input(1), uses) != null && Constants.tensor(n.input(1), uses).dim() == 2;
            case "aten::linear" -> Constants.tensor(n.input(1), uses) != null && Constants.is(n.input(2), uses);
            default -> false;
        };
    }
}
