package dev.cresset.kernels.ops.linalg;

import dev.cresset.kernels.op.OpFamily;
import java.util.List;

/** Decompositions, Fourier transforms. CUDA's libraries for them are not bound: from a device they run through the host. */
public final class LinearAlgebra {
    private LinearAlgebra() {}

    /** The families of this package, in the order in which overloads of a name are tried. */
    public static List<OpFamily> families() {
        return List.of(new SolveOps().throughHost(), new FactorOps().throughHost(), new SpectralOps().throughHost(),
            new RankOps().throughHost(), new MatrixFunctions(), new FourierOps(), new StftOps().throughHost());
    }
}
