package dev.cresset.runtime.executor;

import static dev.cresset.runtime.executor.Executed.assertClose;
import static dev.cresset.runtime.executor.Executed.random;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ExecutionMode;
import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.text.GraphParser;
import dev.cresset.ir.text.Names;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.ops.Operators;
import dev.cresset.runtime.interpreter.Code;
import dev.cresset.runtime.interpreter.Extensions;
import dev.cresset.runtime.interpreter.Interpreter;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Tensor;
import org.junit.jupiter.api.Test;

class ShadowTest {
    private static final Catalog OPS = Operators.catalog();

    private final MemoryPool pool = new MemoryPool(0);
    private final Interpreter interpreter = new Interpreter(g -> g, pool, Runnable::run);

    @Test void plansThatAreRightPass() {
        try (Executed e = new Executed(ExecutionMode.SHADOW); Executed plain = new Executed(ExecutionMode.INTERPRET)) {
            Tensor x = random(1, 4, 3);
            for (int i = 0; i < 5; i++) assertClose(plain.call("counted", x), e.call("counted", x));
            assertEquals(plain.printed(), e.printed(), "what the graph beside it prints is not seen");
            assertEquals(3, e.explain("counted").callsByPlans());
        }
    }

    @Test void aPlanWithAnotherResultIsFound() {
        String sentence = shadow("aten::exp(%x)", "aten::expm1(%x)");
        assertTrue(sentence.contains("wrong, result, element 0: got"), sentence);
    }

    @Test void aPlanThatWritesAnArgumentIsFound() {
        String sentence = shadow("aten::exp(%x)", "aten::exp_(%x)");
        assertTrue(sentence.contains("wrong, argument 0"), sentence);
    }

    @Test void aPlanThatFailsIsFound() {
        String sentence = shadow("aten::exp(%x)", "aten::mm(%x, %x)");
        assertTrue(sentence.contains("wrong failed where the unoptimised graph did not"), sentence);
    }

    /** What is said of a plan that computes something else than the unoptimised graph. */
    private String shadow(String plain, String plan) {
        try (Scope scope = new Scope(pool)) {
            CallContext context = new CallContext(OPS, scope, new Generator(0), System.out, 1, true);
            Object[] arguments = {Tensor.of(new float[] {1, 2, 3}, 3)};
            return assertThrows(ScriptError.class, () -> Shadow.run(interpreter, context, null, code("right", plain), code("wrong", plan), arguments)).getMessage();
        }
    }

    private Code code(String name, String call) {
        String text = "graph(%x : Tensor):\n  %y : Tensor = " + call + "\n  return (%y)\n";
        return interpreter.code(name, GraphParser.parse(text, OPS, Names.placeholders()), Extensions.NONE);
    }
}
