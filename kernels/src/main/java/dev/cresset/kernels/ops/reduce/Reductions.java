package dev.cresset.kernels.ops.reduce;

import dev.cresset.kernels.op.OpFamily;
import java.util.List;

/** Reductions, normalisations, softmax, cumulative operators, sorting, losses. */
public final class Reductions {
    private Reductions() {}

    /** The families of this package, in the order in which overloads of a name are tried. */
    public static List<OpFamily> families() {
        return List.of(new SumOps(), new ExtremeOps(), new VarianceOps(), new CovarianceOps(), new NormOps(), new SoftmaxOps(), new LayerNormOps(), new BatchNormOps(),
            new DropoutOps(), new SortOps(), new RandomOps(), new DistributionOps(), new CumulativeOps(),
            new LossOps(), new ClassLossOps(), new CtcLossOps(), new DistanceOps(), new RankOps());
    }
}
