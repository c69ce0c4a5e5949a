package dev.cresset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.archive.ArchiveBuilder;
import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.cuda.CudaEmulation;
import dev.cresset.kernels.cuda.EmulatedCuda;
import dev.cresset.kernels.cuda.driver.DeviceLostException;
import dev.cresset.kernels.cuda.driver.KernelCompileException;
import dev.cresset.kernels.cuda.driver.OutOfDeviceMemoryException;
import dev.cresset.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong on a device while plans are made, recorded and run. */
@EmulatedCuda
class DevicePlanFaultsTest {
    private static final String CACHE = "cresset.cuda.cache", EXACT = "cresset.cuda.exact_memory";
    private static final int FAR = 1 << 20, CALLS = 5;
    /** Kernels, a product, constants that are folded, an index that is checked. */
    private static final byte[] PROGRAM = ArchiveBuilder.module("""
        class M(Module):
          w : Tensor
          def forward(self: __torch__.M, x: Tensor, i: Tensor) -> Tensor:
            w = torch.mul(torch.reshape(self.w, [2, 2]), 2)
            y = torch.sigmoid(torch.matmul(torch.mul(x, x), w))
            return torch.tanh(torch.neg(torch.index_select(y, 0, i)))
        """, Map.of("w", new float[] {1, 2, 3, 4})).build();
    private static final float[] X = {0.5f, -1, 2, 0.25f, 3, -0.5f};

    @TempDir private Path folder;

    @AfterEach void clear() {
        System.clearProperty(CACHE);
        System.clearProperty(EXACT);
    }

    private static Engine engine(ExecutionMode mode) { return Engine.builder().device("cuda").mode(mode).build(); }

    private static Object[] arguments() { return new Object[] {Tensor.of(X, 3, 2), Tensor.of(new long[] {2, 0, 1}, 3)}; }

    private static float[] output(ScriptModule module) {
        try (Result result = module.forward(arguments())) {
            return result.tensor().toFloatArray();
        }
    }

    private static float[] expected() {
        try (Engine host = Engine.builder().mode(ExecutionMode.INTERPRET).build(); Program program = host.load(PROGRAM, "m.pt");
             ScriptModule module = program.instantiate()) {
            return output(module);
        }
    }

    private static void assertOutput(ScriptModule module) { assertArrayEquals(expected(), output(module), 1e-5f); }

    private static void assertNothingIsLeft(Engine engine) {
        var left = engine.deviceMemory();
        assertEquals(0, left.liveBlocks(), "blocks of the device's memory in use");
        assertEquals(0, left.constantBytes(), "bytes of constants");
        assertEquals(0, left.planBytes(), "bytes of plans");
        assertEquals(0, left.recordedBytes(), "bytes of recorded work");
        assertEquals(0, engine.memory().liveBlocks(), "blocks of the host's memory in use");
    }

    /** Profiles, makes a plan, runs and records it, repeats it. @return how many calls failed */
    private static int calls(ScriptModule module) {
        int failed = 0;
        for (int i = 0; i < CALLS; i++) {
            try {
                assertOutput(module);
            } catch (OutOfDeviceMemoryException e) {
                failed++;
            }
        }
        return failed;
    }

    /**
     * Allocations from one on fail: of plans, frames, results, workspaces.
     *
     * @param exact whether each block is an allocation, also in runs that are recorded; else those that find nothing kept
     */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anyAllocationMayFail(boolean exact) {
        System.setProperty(EXACT, Boolean.toString(exact));
        int allocations = 0;
        for (boolean failed = true; failed; allocations++) {
            try (Engine engine = engine(ExecutionMode.OPTIMIZE)) {
                try (Program program = engine.load(PROGRAM, "m.pt"); ScriptModule module = program.instantiate()) {
                    CudaEmulation.set("fail_alloc", allocations + 1);
                    CudaEmulation.set("fail_alloc_count", FAR);
                    failed = calls(module) > 0;
                    CudaEmulation.set("fail_alloc", 0);
                    assertTrue(engine.health().isGood(), engine.health().reason());
                    for (int i = 0; i < CALLS; i++) assertOutput(module);
                    assertEquals(1, program.explain().functions().getFirst().plans().size(), "a plan serves after allocation " + (allocations + 1));
                }
                assertNothingIsLeft(engine);
            }
        }
        assertTrue(allocations > (exact ? 20 : 8), allocations + " allocations");
    }

    /** What is kept makes room for modules and graphs; if that is not enough the call is told, and the next one works. */
    @Test void noMemoryForModulesAndGraphs() {
        float[] expected = expected();
        try (Engine engine = engine(ExecutionMode.OPTIMIZE)) {
            try (Program program = engine.load(PROGRAM, "m.pt"); ScriptModule module = program.instantiate()) {
                for (int i = 0; i < CALLS; i++) {
                    CudaEmulation.set("fail_room", 1);
                    assertArrayEquals(expected, output(module), 1e-5f, "call " + i);
                }
            }
            for (int failing = 0; failing < 3; failing++) {
                try (Program program = engine.load(PROGRAM, "m.pt"); ScriptModule module = program.instantiate()) {
                    for (int i = 0; i < failing; i++) output(module);
                    CudaEmulation.set("fail_room", 2);
                    if (failing == 2) assertThrows(OutOfDeviceMemoryException.class, () -> output(module), "the call that makes a graph");
                    CudaEmulation.set("fail_room", 0);
                    for (int i = 0; i < CALLS; i++) assertArrayEquals(expected, output(module), 1e-5f);
                }
            }
            assertNothingIsLeft(engine);
        }
    }

    /** While runs are recorded, in the run that makes the plan, and later: only the call with the bad index fails. */
    @Test void aBadIndexInAnyCall() {
        for (int bad = 0; bad < CALLS; bad++) {
            try (Engine engine = engine(ExecutionMode.OPTIMIZE)) {
                try (Program program = engine.load(PROGRAM, "m.pt"); ScriptModule module = program.instantiate()) {
                    for (int i = 0; i < CALLS; i++) {
                        if (i != bad) assertOutput(module);
                        else assertThrows(ScriptError.class, () -> module.forward(Tensor.of(X, 3, 2), Tensor.of(new long[] {0, 3, 1}, 3)), "call " + i);
                    }
                }
                assertNothingIsLeft(engine);
            }
        }
    }

    @Test void allMemoryIsAccountedFor() {
        try (Engine engine = engine(ExecutionMode.OPTIMIZE)) {
            try (Program program = engine.load(PROGRAM, "m.pt"); ScriptModule module = program.instantiate()) {
                for (int i = 0; i < CALLS; i++) output(module);
                var m = engine.deviceMemory();
                assertEquals(CudaEmulation.get("live_bytes"), m.liveBytes() + m.packedBytes() + m.planBytes() + m.streamBytes() + m.cachedBytes());
                assertEquals(m.liveBytes(), m.constantBytes(), "weights and what was folded of them");
                assertTrue(m.constantBytes() > 0 && m.planBytes() > 0 && m.recordedBytes() > 0 && m.streamBytes() > 0 && m.codeBytes() > 0, m.text());
                assertEquals(CudaEmulation.get("live_bytes") + m.recordedBytes() + m.codeBytes(), m.totalBytes());
            }
            assertNothingIsLeft(engine);
        }
    }

    /** One allocation in the background fails: calls do not notice, or are told; nothing is left. */
    @Test void anyAllocationMayFailInTheBackground() {
        int allocations = 0;
        for (boolean more = true; more; allocations++) {
            try (Engine engine = engine(ExecutionMode.DEFAULT)) {
                try (Program program = engine.load(PROGRAM, "m.pt"); ScriptModule module = program.instantiate()) {
                    CudaEmulation.set("fail_alloc", allocations + 1);
                    try {
                        module.warmup("forward", arguments());
                    } catch (OutOfDeviceMemoryException e) {
                        // a run of those that warm up was told
                    }
                    more = CudaEmulation.get("fail_alloc") == 0;
                    CudaEmulation.set("fail_alloc", 0);
                    assertOutput(module);
                    assertTrue(engine.health().isGood(), engine.health().reason());
                }
                assertNothingIsLeft(engine);
            }
        }
        assertTrue(allocations > 8, allocations + " allocations");
    }

    /** @param lazy whether the device does its work as late as it may, so that whoever waits meets the error */
    @ParameterizedTest
    @CsvSource({"OPTIMIZE, 0", "OPTIMIZE, 1", "SYMBOLIC, 1"})
    void anyLaunchMayLoseTheDevice(ExecutionMode mode, int lazy) {
        int launches = 0;
        for (boolean lost = true; lost; launches++) {
            CudaEmulation.set("lazy", lazy);
            try (Engine engine = engine(mode)) {
                CudaEmulation.set("fail_launch", launches + 1);
                lost = losesTheDevice(engine);
                assertEquals(0, engine.deviceMemory().liveBlocks());
                assertEquals(0, engine.deviceMemory().planBytes());
                assertEquals(0, engine.memory().liveBlocks());
            }
            CudaEmulation.forget();
            CudaEmulation.reset();
        }
        assertTrue(launches > 10, launches + " launches");
    }

    private static boolean losesTheDevice(Engine engine) {
        try (Program program = engine.load(PROGRAM, "m.pt"); ScriptModule module = program.instantiate()) {
            try {
                for (int i = 0; i < CALLS; i++) output(module);
                return false;
            } catch (DeviceLostException first) {
                assertFalse(engine.health().isGood());
                assertEquals(first.getMessage(), assertThrows(DeviceLostException.class, () -> output(module)).getMessage());
                return true;
            }
        }
    }

    /** Has all compiled that single operators need, so that what is compiled next is a plan's. */
    private void compileOperators() {
        System.setProperty(CACHE, folder.toString());
        try (Engine engine = engine(ExecutionMode.INTERPRET); Program program = engine.load(PROGRAM, "m.pt"); ScriptModule module = program.instantiate()) {
            output(module);
        }
    }

    @Test void aPlanWhoseKernelDoesNotCompileIsGivenUp() {
        compileOperators();
        try (Engine engine = engine(ExecutionMode.DEFAULT); Program program = engine.load(PROGRAM, "m.pt"); ScriptModule module = program.instantiate()) {
            CudaEmulation.set("fail_compile", 1);
            module.warmup("forward", arguments());
            assertEquals(0, CudaEmulation.get("fail_compile"));
            assertOutput(module);
            Explanation.Function f = program.explain().functions().getFirst();
            assertEquals(0, f.plans().size());
            assertTrue(f.reason().startsWith("the compiler refuses a kernel: ") && f.reason().contains("told to fail") && !f.reason().contains("\n"), f.reason());
        }
    }

    @ParameterizedTest
    @EnumSource(value = ExecutionMode.class, names = {"OPTIMIZE", "SYMBOLIC"})
    void theCallThatWaitsForAKernelIsTold(ExecutionMode mode) {
        compileOperators();
        try (Engine engine = engine(mode); Program program = engine.load(PROGRAM, "m.pt"); ScriptModule module = program.instantiate()) {
            output(module);
            output(module);
            CudaEmulation.set("fail_compile", 1);
            assertThrows(KernelCompileException.class, () -> output(module));
            assertTrue(engine.health().isGood());
            assertOutput(module);
            assertEquals(1, program.explain().functions().getFirst().plans().size());
        }
    }
}
