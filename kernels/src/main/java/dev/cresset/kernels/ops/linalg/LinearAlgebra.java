package dev.cresset.kernels.ops.linalg;

import dev.cresset.kernels.op.OpFamily;
import java.util.List;

/** Decompositions, Fourier transforms. */
public final class LinearAlgebra {
    private LinearAlgebra() {}

    /** The families of this package, in the order in which overloads of a name are tried. */
    public static List<OpFamily> families() {
        return List.of(new SolveOps(), new FactorOps(), new SpectralOps(), new RankOps(), new MatrixFunctions(),
            new FourierOps(), new StftOps());
    }
}
