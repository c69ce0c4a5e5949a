package dev.cresset.runtime.interpreter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cresset.ir.text.GraphParser;
import dev.cresset.ir.text.Names;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.ops.Operators;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Loops whose bodies return their parameters: as they are, in another order, twice. */
class LoopTest {
    private static final Catalog OPS = Operators.catalog();
    private static final String LOOP = """
        graph(%a : Tensor, %b : Tensor, %n : int):
          %yes : bool = prim::Constant[value=1]()
          %one : int = prim::Constant[value=1]()
          %fresh : Tensor = aten::add(%a, %b, %one)
          %x : Tensor, %y : Tensor, %z : Tensor = prim::Loop(%n, %yes, %a, %b, %fresh)
            block0(%i : int, %p : Tensor, %q : Tensor, %r : Tensor):
              -> (%yes, RETURNS)
          return (%x, %y, %z)
        """;

    private void check(String returns, long trips, float... expected) {
        MemoryPool pool = new MemoryPool(0);
        Interpreter interpreter = new Interpreter(g -> g, pool, Runnable::run);
        Code code = interpreter.code("loop", GraphParser.parse(LOOP.replace("RETURNS", returns), OPS, Names.placeholders()), Extensions.NONE);
        try (Scope scope = new Scope(pool)) {
            CallContext context = new CallContext(OPS, scope, new Generator(0), System.out, 1, false);
            Object[] results = interpreter.run(context, null, code, new Object[] {Tensor.of(new float[] {1}, 1), Tensor.of(new float[] {2}, 1), trips});
            float[] got = new float[results.length];
            for (int i = 0; i < got.length; i++) got[i] = ((Tensor) results[i]).toFloatArray()[0];
            assertArrayEquals(expected, got);
        }
        assertEquals(0, pool.liveBlocks());
    }

    @Test void parametersGoOnAsTheyAre() {
        check("%p, %q, %r", 0, 1, 2, 3);
        check("%p, %q, %r", 3, 1, 2, 3);
    }

    @Test void parametersChangePlaces() {
        check("%q, %p, %r", 1, 2, 1, 3);
        check("%q, %p, %r", 2, 1, 2, 3);
        check("%q, %r, %p", 1, 2, 3, 1);
        check("%q, %r, %p", 3, 1, 2, 3);
    }

    @Test void oneParameterTakesAllPlaces() {
        check("%r, %r, %r", 2, 3, 3, 3);
        check("%q, %q, %q", 1, 2, 2, 2);
        check("%p, %r, %r", 5, 1, 3, 3);
    }
}
