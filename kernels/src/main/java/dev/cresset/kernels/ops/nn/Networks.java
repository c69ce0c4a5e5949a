package dev.cresset.kernels.ops.nn;

import dev.cresset.kernels.op.OpFamily;
import java.util.List;

/** Convolution, pooling, matrix products, recurrent layers, interpolation, attention. */
public final class Networks {
    private Networks() {}

    /** The families of this package, in the order in which overloads of a name are tried. */
    public static List<OpFamily> families() {
        CpuLibraries libraries = new CpuLibraries();
        return List.of(new MatrixOps(libraries), new ConvolutionOps(libraries), new PoolOps(), new UnpoolOps(), new EinsumOps(), new RecurrentOps(libraries), new PackedSequenceOps(), new UpsampleOps(), new GridOps(), new AttentionOps(),
            new FusedAttention(), new MixedOperands(),
            new DeformableConvolution(), new LaterOps());
    }
}
