package dev.cresset.runtime.executor;

import static dev.cresset.runtime.executor.Executed.assertClose;
import static dev.cresset.runtime.executor.Executed.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ExecutionMode;
import dev.cresset.Explanation;
import dev.cresset.Explanation.State;
import dev.cresset.Explanation.Verdict;
import dev.cresset.ScriptModule;
import dev.cresset.kernels.plan.PlanSummary;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class FunctionExecutorTest {
    private static final Tensor X = random(1, 4, 3);

    /** What the unoptimised graph gives. */
    private static float[] expected(String method, Object... arguments) {
        try (Executed plain = new Executed(ExecutionMode.INTERPRET)) {
            return plain.call(method, arguments);
        }
    }

    private static List<String> sentences(Explanation.Function f) { return f.guardFailures().stream().map(Explanation.GuardFailure::sentence).toList(); }

    // ---- how plans come about

    @Test void aPlanAppearsInTheBackgroundAndTakesTurns() {
        float[] expected = expected("forward", X);
        try (Executed e = new Executed(ExecutionMode.DEFAULT)) {
            assertClose(expected, e.call("forward", X));
            assertEquals(State.PROFILING, e.explain("forward").state());
            e.call("forward", X);
            assertEquals(State.PLANS, e.explain("forward").state());
            e.call("forward", X);
            e.await();
            Explanation.Function f = e.explain("forward");
            assertEquals(1, f.plans().size());
            assertEquals(0, f.callsByPlans(), "the plan was made beside the call that wanted it");
            assertEquals(Verdict.UNDECIDED, f.plans().getFirst().trial().verdict());
            for (int i = 0; i < 10; i++) assertClose(expected, e.call("forward", X));
            f = e.explain("forward");
            assertNotEquals(Verdict.UNDECIDED, f.plans().getFirst().trial().verdict());
            assertEquals(5, f.callsByPlans());
            assertEquals(8, f.callsUnoptimised());
        }
    }

    @Test void saysWhatAPlanConsistsOf() {
        try (Executed e = optimized("forward", X)) {
            Explanation.Plan plan = e.explain("forward").plans().getFirst();
            assertEquals(List.of("x: Float(4, 3, device=cpu)"), plan.arguments());
            assertEquals(1, plan.constantAttributes(), "the weight");
            assertEquals(List.of(), plan.guards());
            PlanSummary part = plan.subgraphs().getFirst();
            assertEquals(6, part.operators(), "mm, relu, mul, add, tanh, sub");
            assertTrue(part.groups().stream().anyMatch(g -> g.operators().getLast().equals("aten::sub")), part.toString());
            assertTrue(part.savedBytes() >= 4 * 3 * 4, part.toString());
            assertTrue(plan.nativeBytes() > 0);
            String text = e.program.explain().text();
            assertTrue(text.contains("    for x: Float(4, 3, device=cpu)\n    1 attribute taken for constant, 0 guards within the graph"), text);
        }
    }

    private static Executed optimized(String method, Object... arguments) {
        Executed e = new Executed(ExecutionMode.OPTIMIZE);
        for (int i = 0; i < 3; i++) e.call(method, arguments);
        return e;
    }

    @Test void profilesForEver() {
        try (Executed e = new Executed(ExecutionMode.PROFILE)) {
            for (int i = 0; i < 5; i++) assertClose(expected("forward", X), e.call("forward", X));
            Explanation.Function f = e.explain("forward");
            assertEquals(State.PROFILING, f.state());
            assertEquals(0, f.plansMade());
            assertEquals(5, f.callsUnoptimised());
        }
    }

    @Test void saysThatTheModeIsToInterpret() {
        try (Executed e = new Executed(ExecutionMode.INTERPRET)) {
            e.call("forward", X);
            assertTrue(e.program.explain().text().contains("forward: unoptimised, because the mode says so\n"), e.program.explain().text());
        }
    }

    // ---- plans for any sizes

    @Test void afterAFewKindsAPlanTakesSizesAsArguments() {
        try (Executed e = new Executed(ExecutionMode.DEFAULT)) {
            for (int n = 2; n < 9; n++) {
                for (int i = 0; i < 2; i++) assertClose(expected("forward", random(n, n, 3)), e.call("forward", random(n, n, 3)));
                e.await();
            }
            Explanation.Function f = e.explain("forward");
            Explanation.Plan plan = f.plans().stream().filter(p -> !p.groups().isEmpty()).findFirst().orElseThrow();
            assertEquals(List.of("x: Float(*, *, device=cpu)"), plan.arguments());
            int made = f.plansMade();
            for (int n = 20; n < 40; n++) assertClose(expected("forward", random(n, n, 3)), e.call("forward", random(n, n, 3)));
            e.await();
            assertEquals(made, e.explain("forward").plansMade(), "no plan for each size");
            assertFalse(sentences(e.explain("forward")).contains("nothing"), "a plan that fits and is slower has no guard that failed");
            String text = e.program.explain().text();
            assertTrue(text.contains("for any sizes: "), text);
        }
    }

    @Test void aPlanForAnySizesServesThemAll() {
        try (Executed e = new Executed(ExecutionMode.SYMBOLIC)) {
            for (int n = 1; n < 12; n++) assertClose(expected("forward", random(n, n, 3)), e.call("forward", random(n, n, 3)));
            assertClose(expected("forward", random(1, 0, 3)), e.call("forward", random(1, 0, 3)));
            Explanation.Function f = e.explain("forward");
            assertEquals(1, f.plansMade());
            assertEquals(10, f.callsByPlans());
            assertEquals(2, f.callsUnoptimised(), "those that were profiled");
        }
    }

    @Test void aPlanForAnySizesChecksTypesAndDimensions() {
        Tensor doubles = Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 2, 3);
        try (Executed e = new Executed(ExecutionMode.SYMBOLIC)) {
            for (int i = 0; i < 3; i++) e.call("forward", X);
            Plan plan = e.executor("forward").plans().getFirst();
            assertTrue(plan.patterns().get(1).matches(random(1, 9, 9)));
            assertFalse(plan.patterns().get(1).matches(doubles));
            assertFalse(plan.patterns().get(1).matches(random(1, 9)));
            assertEquals("%x: expected Float(*, *, device=cpu), got Double(2, 3, device=cpu)", plan.patterns().get(1).mismatch("%x", doubles));
        }
    }

    @Test void neverKeepsMoreThanEightPlans() {
        try (Executed e = optimized("forward", X)) {
            List<Plan> first = e.executor("forward").plans();
            for (int n = 5; n < 17; n++) assertClose(expected("forward", random(n, n, 3)), e.call("forward", random(n, n, 3)));
            Explanation.Function f = e.explain("forward");
            assertEquals(13, f.plansMade());
            assertEquals(8, f.plans().size());
            assertEquals(List.of("x: Float(16, 3, device=cpu)"), f.plans().getFirst().arguments());
            assertTrue(first.getFirst().isFreed(), "the memory of the plan that made room");
        }
    }

    @Test void closingFreesPlansThatNobodyRuns() {
        Plan running, idle;
        try (Executed e = optimized("forward", X)) {
            e.call("forward", random(2, 2, 3));
            running = e.executor("forward").plans().get(0);
            idle = e.executor("forward").plans().get(1);
            assertTrue(running.enter());
            assertFalse(idle.isFreed());
        }
        assertTrue(idle.isFreed());
        assertFalse(running.isFreed(), "it is still being run");
        assertFalse(running.enter(), "nobody may begin any more");
        running.leave();
        assertTrue(running.isFreed());
    }

    @Test void aModuleOutlivesItsProgram() {
        try (Executed e = optimized("forward", X)) {
            e.program.close();
            assertClose(expected("forward", X), e.call("forward", X));
            assertFalse(e.executor("forward").plans().getFirst().isFreed());
        }
    }

    // ---- guards

    @Test void saysWhyAPlanDidNotFit() {
        try (Executed e = optimized("forward", X)) {
            assertClose(expected("forward", random(2, 9, 3)), e.call("forward", random(2, 9, 3)));
            assertEquals(List.of("%x: expected Float(4, 3, device=cpu), got Float(9, 3, device=cpu)"), sentences(e.explain("forward")));
        }
    }

    @Test void aNumberThatVariesIsNoConstantAnyMore() {
        try (Executed e = optimized("scaled", X, 0.5)) {
            assertEquals("factor: 0.5", e.explain("scaled").plans().getFirst().arguments().get(1));
            for (double factor : new double[] {2, 3, 4}) assertClose(expected("scaled", X, factor), e.call("scaled", X, factor));
            Explanation.Function f = e.explain("scaled");
            assertEquals("factor: a value", f.plans().getFirst().arguments().get(1));
            assertTrue(sentences(f).contains("%factor: expected 0.5, got 2."), sentences(f).toString());
            int made = f.plansMade();
            for (double factor : new double[] {5, 6, 7}) assertClose(expected("scaled", X, factor), e.call("scaled", X, factor));
            assertEquals(made, e.explain("scaled").plansMade());
        }
    }

    @Test void trainAndEvalChangeWhatWasTakenForConstant() {
        try (Executed e = optimized("trained", X)) {
            float[] before = e.call("trained", X);
            e.module.train(!(Boolean) e.module.object().get("training"));
            float[] after = e.call("trained", X);
            double sign = (Boolean) e.module.object().get("training") ? 2 * Math.sin(X.toFloatArray()[0]) : 3 * Math.cos(X.toFloatArray()[0]);
            assertEquals(sign, after[0], 1e-5);
            assertTrue(sentences(e.explain("trained")).getFirst().startsWith("self.training: expected"), sentences(e.explain("trained")).toString());
            e.module.train(!(Boolean) e.module.object().get("training"));
            assertClose(before, e.call("trained", X));
        }
    }

    @Test void guardsWithinAGraphAnswerByTheRestOfIt() {
        try (Executed e = optimized("picked", X)) {
            Tensor fewer = Tensor.of(new float[] {1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}, 4, 3);
            assertClose(expected("picked", fewer), e.call("picked", fewer));
            Explanation.Function f = e.explain("picked");
            assertFalse(f.plans().getLast().guards().isEmpty(), f.toString());
            assertTrue(sentences(f).getFirst().endsWith("got Float(1, device=cpu)"), sentences(f).toString());
        }
    }

    // ---- effects

    @Test void stateAndOutputAreThoseOfTheUnoptimisedGraph() {
        List<Tensor> inputs = List.of(X, X, X, random(3, 2, 3), X, random(4, 2, 3));
        for (ExecutionMode mode : ExecutionMode.values()) {
            try (Executed plain = new Executed(ExecutionMode.INTERPRET); Executed e = new Executed(mode)) {
                for (Tensor x : inputs) {
                    assertClose(plain.call("counted", x), e.call("counted", x));
                    e.await();
                }
                assertEquals(plain.printed(), e.printed(), mode.toString());
                assertEquals(6L, e.module.object().get("count"));
            }
        }
    }

    @Test void writesToArguments() {
        for (ExecutionMode mode : ExecutionMode.values()) {
            try (Executed e = new Executed(mode)) {
                Tensor x = random(5, 4, 3), same = random(5, 4, 3), y = random(6, 1, 3);
                for (int i = 0; i < 5; i++) {
                    assertClose(expected("added", same, y), e.call("added", x, y));
                    assertClose(same.toFloatArray(), x.toFloatArray());
                }
            }
        }
    }

    @Test void guardsThatFailOnPurposeChangeNothing() {
        try (Executed e = new Executed(ExecutionMode.DEOPT)) {
            for (int i = 0; i < 20; i++) assertClose(expected("picked", X), e.call("picked", X));
            Explanation.Function f = e.explain("picked");
            assertTrue(sentences(f).contains("a guard failed on purpose"), sentences(f).toString());
            assertTrue(f.callsByPlans() > 0 && f.callsUnoptimised() > 2, f.toString());
        }
    }

    @Test void manyThreadsGetTheSameBits() throws Exception {
        try (Executed e = optimized("forward", X); ExecutorService threads = Executors.newFixedThreadPool(16)) {
            Tensor y = random(7, 2, 3);
            e.call("forward", y);
            float[] one = e.call("forward", X), two = e.call("forward", y);
            List<Callable<Boolean>> calls = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                Tensor input = i % 3 == 0 ? y : X;
                calls.add(() -> java.util.Arrays.equals(input == y ? two : one, e.call("forward", input)));
            }
            for (Future<Boolean> f : threads.invokeAll(calls)) assertTrue(f.get());
            assertEquals(2, e.explain("forward").plansMade());
        }
    }

    @Test void manyThreadsBeginAtOnce() throws Exception {
        float[] expected = expected("forward", X);
        try (Executed e = new Executed(ExecutionMode.DEFAULT); ExecutorService threads = Executors.newFixedThreadPool(16)) {
            List<Callable<float[]>> calls = new ArrayList<>();
            for (int i = 0; i < 200; i++) calls.add(() -> e.call("forward", X));
            for (Future<float[]> f : threads.invokeAll(calls)) assertClose(expected, f.get());
            e.await();
            assertEquals(1, e.explain("forward").plansMade());
        }
    }

    @Test void instancesShareThePlansAndNotTheState() {
        try (Executed e = optimized("counted", X); ScriptModule other = e.program.instantiate()) {
            float[] first = Executed.call(other, "counted", X);
            assertArrayEquals(expected("counted", X), first, 1e-5f);
            assertEquals(1L, other.object().get("count"));
            assertEquals(3L, e.module.object().get("count"));
            assertEquals(1, e.explain("counted").plansMade());
        }
    }
}
