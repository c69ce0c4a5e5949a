package dev.cresset.kernels.ops.scalar;

import dev.cresset.kernels.op.OpFamily;
import java.util.List;

/** Numbers, strings, lists, dicts, and the like: host operators without tensors, or on their metadata. */
public final class Scalars {
    private Scalars() {}

    /** The families of this package, in the order in which overloads of a name are tried. */
    public static List<OpFamily> families() {
        return List.of(new ArithmeticOps(), new MathOps(), new ConversionOps(), new ListOps(), new DictOps(),
            new StringOps(), new StateOps());
    }
}
