package dev.cresset.runtime.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.Engine;
import dev.cresset.ExecutionMode;
import dev.cresset.Explanation;
import dev.cresset.Program;
import dev.cresset.Result;
import dev.cresset.ScriptModule;
import dev.cresset.kernels.plan.PlanSummary;
import dev.cresset.tensor.Tensor;
import dev.cresset.testmodels.TestModels;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is left of models when they have been specialised. */
class ModelPlansTest {
    private static Explanation.Plan plan(String model, Object... arguments) throws IOException {
        try (TestModels models = TestModels.open(); Engine engine = Engine.builder().mode(ExecutionMode.OPTIMIZE).threads(1).build();
             Program program = engine.load(models.folder(model).resolve("model.pt")); ScriptModule module = program.instantiate().eval()) {
            for (int i = 0; i < 3; i++) module.forward(arguments).close();
            return program.explain().functions().getFirst().plans().getFirst();
        }
    }

    @Test void aConvolutionalNetworkIsOneStaticSubgraph() throws IOException {
        Explanation.Plan plan = plan("resnet", Executed.random(1, 1, 3, 32, 32));
        assertEquals(List.of(), plan.guards());
        assertEquals(List.of(), plan.states());
        assertEquals(List.of(), plan.otherOperators());
        assertEquals(1, plan.subgraphs().size());
        assertEquals("aten::relu", plan.subgraphs().getFirst().groups().getFirst().operators().getLast());
    }

    @Test void anEncoderNeedsGuardsOnItsInputsOnly() throws IOException {
        Explanation.Plan plan = plan("bert", Tensor.of(new long[] {3, 7, 9}, 1, 3), Tensor.of(new long[] {1, 1, 1}, 1, 3));
        assertEquals(List.of(), plan.guards());
        assertEquals(List.of(), plan.states(), "weights are constants");
        assertEquals(1, plan.subgraphs().size());
        assertTrue(plan.subgraphs().getFirst().fused() >= 10, plan.toString());
    }

    @Test void aPlanForAnySizesPutsAnEncoderTogether() throws IOException {
        try (TestModels models = TestModels.open(); Engine any = Engine.builder().mode(ExecutionMode.SYMBOLIC).threads(1).build();
             Engine plain = Engine.builder().mode(ExecutionMode.INTERPRET).threads(1).build();
             Program program = any.load(models.folder("bert").resolve("model.pt")); ScriptModule module = program.instantiate().eval();
             Program other = plain.load(models.folder("bert").resolve("model.pt")); ScriptModule interpreted = other.instantiate().eval()) {
            for (int i = 0; i < 6; i++) {
                long[] ids = new long[(i + 1) * (i % 3 + 2)], ones = new long[ids.length];
                for (int k = 0; k < ids.length; k++) ids[k] = k % 11;
                Arrays.fill(ones, 1);
                Tensor words = Tensor.of(ids, i + 1, i % 3 + 2), mask = Tensor.of(ones, i + 1, i % 3 + 2);
                try (Result got = module.forward(words, mask); Result want = interpreted.forward(words, mask)) {
                    Executed.assertClose(first(want).toFloatArray(), first(got).toFloatArray());
                }
            }
            Explanation.Plan plan = program.explain().functions().getFirst().plans().getFirst();
            List<List<String>> groups = plan.groups().stream().map(PlanSummary.Group::operators).toList();
            assertTrue(groups.contains(List.of("aten::linear", "aten::gelu")), groups.toString());
            assertTrue(groups.contains(List.of("aten::add", "aten::layer_norm")), groups.toString());
            assertTrue(groups.stream().anyMatch(g -> g.getLast().equals("aten::softmax")), groups.toString());
            List<String> alone = plan.otherOperators().stream().map(Explanation.Operators::operator).toList();
            for (String o : List.of("aten::linear", "aten::matmul", "aten::softmax", "aten::layer_norm")) assertFalse(alone.contains(o), o + " in " + alone);
        }
    }

    private static Tensor first(Result r) { return r.value() instanceof Tensor t ? t : r.tensor(0); }

    @Test void guardsWithinTheGraphDoNotMakeWeightsChange() throws IOException {
        Explanation.Plan plan = plan("lstm-cell-loop", Executed.random(1, 4, 2, 3));
        assertEquals(List.of(), plan.states());
        assertTrue(plan.constantAttributes() >= 6, plan.toString());
    }
}
