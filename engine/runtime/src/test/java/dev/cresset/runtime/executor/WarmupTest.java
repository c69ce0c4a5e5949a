package dev.cresset.runtime.executor;

import static dev.cresset.runtime.executor.Executed.assertClose;
import static dev.cresset.runtime.executor.Executed.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ExecutionMode;
import dev.cresset.Explanation;
import dev.cresset.Explanation.Verdict;
import dev.cresset.ir.diag.ScriptError;
import dev.cresset.tensor.Tensor;
import org.junit.jupiter.api.Test;

class WarmupTest {
    private static final Tensor X = random(1, 4, 3);

    @Test void decidesWhatServes() {
        try (Executed e = new Executed(ExecutionMode.DEFAULT)) {
            e.program.warmup(X);
            Explanation.Function f = e.explain("forward");
            assertEquals(1, f.plans().size());
            Verdict verdict = f.plans().getFirst().trial().verdict();
            assertNotEquals(Verdict.UNDECIDED, verdict);
            e.call("forward", X);
            long more = e.explain("forward").callsByPlans() - f.callsByPlans();
            assertEquals(verdict == Verdict.WON ? 1 : 0, more);
            e.program.warmup("forward", X);
            assertEquals(1, e.explain("forward").plansMade(), "there is nothing left to do");
        }
    }

    @Test void isNotNoticed() {
        try (Executed e = new Executed(ExecutionMode.DEFAULT); Executed plain = new Executed(ExecutionMode.INTERPRET)) {
            Tensor x = random(2, 4, 3), y = random(3, 1, 3);
            float[] before = x.toFloatArray();
            e.module.warmup("counted", x);
            e.program.warmup("added", x, y);
            assertArrayEquals(before, x.toFloatArray(), "an argument that the method writes");
            assertEquals("", e.printed());
            assertEquals(0L, e.module.object().get("count"));
            for (int i = 0; i < 3; i++) assertClose(plain.call("counted", x), e.call("counted", x));
            assertEquals(plain.printed(), e.printed());
            e.module.warmup("counted", x);    // with state that calls have left
            assertClose(plain.call("counted", x), e.call("counted", x));
        }
    }

    @Test void isForModulesAsThisOne() {
        try (Executed e = new Executed(ExecutionMode.DEFAULT)) {
            e.module.train(!(Boolean) e.module.object().get("training"));
            e.module.warmup("trained", X);
            Explanation.Function f = e.explain("trained");
            e.call("trained", X);
            assertTrue(e.explain("trained").guardFailures().isEmpty(), "the plan fits this module: " + e.explain("trained"));
            assertEquals(f.plansMade(), e.explain("trained").plansMade());
        }
    }

    @Test void servesMoreKindsOfArgumentsThanAreSpecialisedAtOnce() {
        try (Executed e = new Executed(ExecutionMode.DEFAULT)) {
            for (int n = 1; n <= 7; n++) e.program.warmup(random(n, n, 3));
            assertEquals(7, e.explain("forward").plans().stream().filter(p -> p.groups().isEmpty()).count(), "beside one for any sizes");
        }
    }

    @Test void failsAsTheCallWould() {
        try (Executed e = new Executed(ExecutionMode.DEFAULT)) {
            assertThrows(ScriptError.class, () -> e.program.warmup("nix"));
            assertThrows(ScriptError.class, () -> e.program.warmup(random(1, 4, 4)));
        }
    }

    @Test void doesNothingWhereThereAreNoPlans() {
        try (Executed e = new Executed(ExecutionMode.INTERPRET)) {
            e.program.warmup(X);
            assertTrue(e.program.explain().functions().stream().allMatch(f -> f.callsUnoptimised() == 0));
        }
    }
}
