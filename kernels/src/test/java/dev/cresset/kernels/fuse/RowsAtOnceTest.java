package dev.cresset.kernels.fuse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowsAtOnceTest {
    private static final ScalarType F32 = ScalarType.FLOAT32;

    /** The product of {@code rows} rows of length 3 with a matrix of 5, and a row added. */
    private static LoweredGroup product(long rows) {
        Expr x = new Expr.Load(0, F32), w = new Expr.Load(1, F32), bias = new Expr.Load(2, F32);
        LoopNest nest = new LoopNest(new long[] {rows, 5, 3},
            List.of(new LoopNest.Operand(F32, 0, new long[] {3, 0, 1}), new LoopNest.Operand(F32, 0, new long[] {0, 3, 1}),
                new LoopNest.Operand(F32, 0, new long[] {0, 1, 0})),
            List.of(new LoopNest.Reduction(LoopNest.Fold.SUM, x.mul(w))),
            List.of(new LoopNest.Result(F32, 0, new long[] {5, 1, 0}, new Expr.Reduced(0, F32).add(bias))));
        return new LoweredGroup(nest, List.of(7, 8, 9), List.of(0));
    }

    @Test void theMatrixIsReadOnce() {
        LoweredGroup given = product(2), made = RowsAtOnce.of(given);
        assertEquals(List.of(7, 7, 8, 9), made.inputs());
        assertEquals(List.of(0, 0), made.results());
        assertEquals(2, made.nest().reductions().size());
        float[] x = {1, 2, 3, 4, 5, 6}, w = new float[15], bias = {10, 20, 30, 40, 50};
        for (int i = 0; i < 15; i++) w[i] = i % 4 - 1;
        assertArrayEquals(run(given.nest(), x, w, bias), run(made.nest(), x, x, w, bias));
    }

    private static float[] run(LoopNest nest, float[]... inputs) {
        Tensor out = Tensor.zeros(F32, 10);
        List<java.lang.foreign.MemorySegment> memory = new java.util.ArrayList<>();
        for (float[] in : inputs) memory.add(Tensor.of(in, in.length).data());
        nest.results().forEach(_ -> memory.add(out.data()));
        LoopNestInterpreter.run(nest, memory);
        return out.toFloatArray();
    }

    @Test void othersStay() {
        LoweredGroup many = product(5), one = product(1);
        assertSame(many, RowsAtOnce.of(many));
        assertSame(one, RowsAtOnce.of(one));
        // the operand that repeats is the smaller one
        LoopNest norm = new LoopNest(new long[] {4, 8}, List.of(new LoopNest.Operand(F32, 0, new long[] {8, 1}), new LoopNest.Operand(F32, 0, new long[] {0, 1})),
            List.of(new LoopNest.Reduction(LoopNest.Fold.SUM, new Expr.Load(0, F32).mul(new Expr.Load(1, F32)))),
            List.of(new LoopNest.Result(F32, 0, new long[] {1, 0}, new Expr.Reduced(0, F32))));
        LoweredGroup group = new LoweredGroup(norm, List.of(0, 1), List.of(0));
        assertSame(group, RowsAtOnce.of(group));
    }
}
