package dev.cresset.runtime.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.Engine;
import dev.cresset.ExecutionMode;
import dev.cresset.Explanation;
import dev.cresset.Program;
import dev.cresset.Result;
import dev.cresset.ScriptModule;
import dev.cresset.ir.archive.ArchiveBuilder;
import dev.cresset.kernels.cuda.CudaEmulation;
import dev.cresset.kernels.cuda.EmulatedCuda;
import dev.cresset.kernels.plan.PlanSummary;
import dev.cresset.tensor.Tensor;
import dev.cresset.testmodels.TestModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Plans for any sizes on the emulated device. */
@EmulatedCuda
class DeviceAnySizesTest {
    private static Engine device(ExecutionMode mode) { return Engine.builder().device("cuda").mode(mode).threads(1).build(); }

    private static Engine host() { return Engine.builder().mode(ExecutionMode.INTERPRET).threads(1).build(); }

    private static Tensor[] sentence(int batch, int length) {
        long[] ids = new long[batch * length], ones = new long[ids.length];
        for (int k = 0; k < ids.length; k++) ids[k] = k % 11;
        Arrays.fill(ones, 1);
        return new Tensor[] {Tensor.of(ids, batch, length), Tensor.of(ones, batch, length)};
    }

    private static float[] first(Result r) { return (r.value() instanceof Tensor t ? t : r.tensor(0)).toFloatArray(); }

    @Test void anEncoder() throws IOException {
        try (TestModels models = TestModels.open(); Engine any = device(ExecutionMode.SYMBOLIC); Engine plain = host()) {
            Path file = models.folder("bert").resolve("model.pt");
            try (Program program = any.load(file); ScriptModule module = program.instantiate().eval();
                 Program other = plain.load(file); ScriptModule interpreted = other.instantiate().eval()) {
                for (int i = 0; i < 4; i++) {
                    Tensor[] given = sentence(i + 1, i % 3 + 2);
                    try (Result got = module.forward((Object[]) given); Result want = interpreted.forward((Object[]) given)) {
                        Executed.assertClose(first(want), first(got));
                    }
                }
                Explanation.Function function = program.explain().functions().getFirst();
                assertEquals(1, function.plans().size(), function.toString());
                List<List<String>> groups = function.plans().getFirst().groups().stream().map(PlanSummary.Group::operators).toList();
                assertTrue(groups.contains(List.of("aten::add", "aten::layer_norm")), groups.toString());
                assertTrue(groups.stream().noneMatch(g -> g.contains("aten::linear")), "products are cuBLAS's: " + groups);
            }
            assertEquals(0, any.deviceMemory().liveBlocks(), "blocks of the device that are left");
        }
    }

    /** What is on the host stays out of kernels, and the program sees both. */
    @Test void aProgramThatGoesToTheHost() {
        byte[] archive = ArchiveBuilder.module("""
            class M(Module):
              def forward(self: __torch__.M, x: Tensor) -> Tensor:
                y = torch.sigmoid(torch.mul(x, x))
                h = torch.tanh(torch.neg(torch.cpu(y)))
                s = torch.item(torch.exp(torch.sum(h)))
                return torch.add(torch.relu(torch.neg(y)), s)
            """, Map.of()).build();
        try (Engine any = device(ExecutionMode.SYMBOLIC); Engine plain = host(); Program program = any.load(archive, "m.pt");
             ScriptModule module = program.instantiate(); Program other = plain.load(archive, "m.pt"); ScriptModule interpreted = other.instantiate()) {
            for (int n = 1; n < 6; n++) {
                Tensor x = Executed.random(n, n, 3);
                Executed.assertClose(Executed.call(interpreted, "forward", x), Executed.call(module, "forward", x));
            }
            assertEquals(1, program.explain().functions().getFirst().plans().size(), program.explain().toString());
        }
    }

    /** Constants that were made for a plan are freed with it. */
    @Test void joinedWeightsAreFreedWithTheirPlan() throws IOException {
        try (TestModels models = TestModels.open(); Engine any = device(ExecutionMode.SYMBOLIC)) {
            try (Program program = any.load(models.folder("bert").resolve("model.pt")); ScriptModule module = program.instantiate().eval()) {
                for (int i = 0; i < 3; i++) module.forward((Object[]) sentence(2, 3)).close();
                assertTrue(program.explain().functions().getFirst().plans().getFirst().nativeBytes() > 0);
            }
            assertEquals(0, any.deviceMemory().liveBytes());
        }
        assertEquals(0, CudaEmulation.get("live_allocations"));
    }
}
