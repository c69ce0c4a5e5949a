package dev.cresset.kernels.plan.passes;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.rewrite.Uses;
import dev.cresset.ir.type.TensorType;

/** Products of few rows with a constant matrix, which are not left to the library: what follows them is a kernel of its own. */
public final class SmallProducts {
    /** From so many rows on the library is faster. */
    public static final int MOST_ROWS = 4;
    /** Without the Vector API there is no fast loop. */
    public static final boolean ARE_FAST = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();

    private SmallProducts() {}

    /** True for a product that is done without the library. */
    static boolean is(Node n, Uses uses) {
        if (!ARE_FAST || !(n.output().type() instanceof TensorType t) || t.sizes() == null || t.sizes().isEmpty()) return false;
        long rows = 1;
        for (int d = 0; d < t.sizes().size() - 1; d++) rows *= t.sizes().get(d);
        if (rows > MOST_ROWS) return false;
        return switch (n.kind()) {
            case "aten::mm", "aten::matmul" -> Constants.tensor(n.input(1), uses) != null && Constants.tensor(n.input(1), uses).dim() == 2;
            case "aten::linear" -> Constants.tensor(n.input(1), uses) != null && Constants.is(n.input(2), uses);
            default -> false;
        };
    }
}
