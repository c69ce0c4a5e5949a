package dev.cresset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.archive.ArchiveBuilder;
import dev.cresset.kernels.cuda.DeviceMemoryStatistics;
import dev.cresset.kernels.cuda.EmulatedCuda;
import dev.cresset.tensor.Tensor;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Programs that share what a device keeps. */
@EmulatedCuda
class DeviceCacheTest {
    private static final int CALLS = 5;
    private static final float[] X = {0.5f, -1, 2, 0.25f};

    /** {@code f(x w) + 1} for 2 × 2 matrices. */
    private static byte[] program(String function) {
        return ArchiveBuilder.module("""
            class M(Module):
              w : Tensor
              def forward(self: __torch__.M, x: Tensor) -> Tensor:
                return torch.add(torch.%s(torch.matmul(x, torch.reshape(self.w, [2, 2]))), 1)
            """.formatted(function), Map.of("w", new float[] {1, 2, 3, 4})).build();
    }

    private static float[] output(ScriptModule module) {
        try (Tensor x = Tensor.of(X, 2, 2); Result result = module.forward(x)) {
            return result.tensor().toFloatArray();
        }
    }

    private interface Check { void after(DeviceMemoryStatistics memory); }

    /** Calls two programs in turn and compares each result with the host's. @return the device's memory in the end */
    private static DeviceMemoryStatistics calls(Engine.Builder builder, Check check) {
        byte[][] archives = {program("tanh"), program("sigmoid")};
        try (Engine host = Engine.builder().mode(ExecutionMode.INTERPRET).build(); Engine engine = builder.device("cuda").mode(ExecutionMode.OPTIMIZE).build()) {
            try (Program a = engine.load(archives[0], "a.pt"); Program b = engine.load(archives[1], "b.pt");
                 Program hostA = host.load(archives[0], "a.pt"); Program hostB = host.load(archives[1], "b.pt");
                 ScriptModule one = a.instantiate(); ScriptModule two = b.instantiate(); ScriptModule wantOne = hostA.instantiate(); ScriptModule wantTwo = hostB.instantiate()) {
                for (int i = 0; i < CALLS; i++) {
                    assertArrayEquals(output(wantOne), output(one), 1e-5f);
                    check.after(engine.deviceMemory());
                    assertArrayEquals(output(wantTwo), output(two), 1e-5f);
                    check.after(engine.deviceMemory());
                }
                assertEquals(1, a.explain().functions().getFirst().plans().size());
                return engine.deviceMemory();
            } finally {
                assertEquals(0, engine.deviceMemory().liveBlocks(), "blocks in use");
                assertEquals(0, engine.deviceMemory().planBytes());
                assertEquals(0, engine.deviceMemory().recordedBytes());
            }
        }
    }

    private static long bytes(DeviceMemoryStatistics m) { return m.planBytes() + m.recordedBytes() + m.codeBytes(); }

    @Test void oneLimitForAllPrograms() {
        DeviceMemoryStatistics all = calls(Engine.builder(), _ -> { });
        long limit = bytes(all) - 1;
        DeviceMemoryStatistics limited = calls(Engine.builder().deviceCacheBytes(limit), m -> assertTrue(bytes(m) <= limit, bytes(m) + " bytes of " + limit));
        assertTrue(limited.planBytes() > 0, "the last program's frame");
    }

    @Test void withoutACacheNothingIsKept() { calls(Engine.builder().deviceCacheBytes(0), m -> assertEquals(0, bytes(m))); }
}
