package dev.cresset.kernels.ops;

import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.kernels.ops.linalg.LinearAlgebra;
import dev.cresset.kernels.ops.nn.Networks;
import dev.cresset.kernels.ops.pointwise.Pointwise;
import dev.cresset.kernels.ops.reduce.Reductions;
import dev.cresset.kernels.ops.scalar.Scalars;
import dev.cresset.kernels.ops.shape.ShapeOps;
import java.util.List;
import java.util.stream.Stream;

/** All operators of Cresset. A new family is named in the list of its package. */
public final class Operators {
    private Operators() {}

    /** A fresh catalogue with every family. */
    public static Catalog catalog() {
        List<OpFamily> families = Stream.of(Scalars.families(), Pointwise.families(), ShapeOps.families(),
            Reductions.families(), Networks.families(), LinearAlgebra.families()).flatMap(List::stream).toList();
        return new Catalog(families);
    }
}
