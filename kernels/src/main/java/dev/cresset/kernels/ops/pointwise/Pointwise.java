package dev.cresset.kernels.ops.pointwise;

import dev.cresset.kernels.op.OpFamily;
import java.util.List;

/** Element-wise operators: arithmetic, comparisons, activations. */
public final class Pointwise {
    private Pointwise() {}

    /** The families of this package, in the order in which overloads of a name are tried. */
    public static List<OpFamily> families() {
        return List.of(new Arithmetic(), new Comparisons(), new BitsAndLogic(), new UnaryMath(), new BinaryMath(),
            new Activations(), new GatedActivations(), new Selection(), new ComplexParts());
    }
}
