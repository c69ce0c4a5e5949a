package dev.cresset.kernels.expr;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Args;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Running expressions over tensors directly, for kernels that need it. */
public final class Elementwise {
    private static final List<TileProgram> COPIES =
        Arrays.stream(ScalarType.values()).map(t -> TileProgram.compile(new Expr.Load(0, t))).toList();

    private Elementwise() {}

    /** Copies elements, converting the type; {@code from} broadcasts to {@code to}. They must not overlap. */
    public static void copy(Tensor from, Tensor to) {
        COPIES.get(from.dtype().ordinal()).run(new Args(null, new Object[] {from}), List.of(from), to);
    }
}
