package dev.cresset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.kernels.cuda.CudaEmulation;
import dev.cresset.kernels.cuda.EmulatedCuda;
import dev.cresset.kernels.cuda.driver.DeviceLostException;
import dev.cresset.kernels.cuda.driver.KernelCompileException;
import dev.cresset.kernels.cuda.driver.OutOfDeviceMemoryException;
import dev.cresset.tensor.Tensor;
import dev.cresset.testmodels.TestModels;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong on a device, as a user of the engine meets it: which error, and what works afterwards. */
@EmulatedCuda
class DeviceFaultsTest {
    private static final String CACHE = "cresset.cuda.cache";
    private static final int FAR = 1 << 20;

    @TempDir private Path folder;
    private TestModels models;

    @BeforeEach void open() throws IOException { models = TestModels.open(); }

    @AfterEach void close() throws IOException {
        models.close();
        System.clearProperty(CACHE);
    }

    private static Engine engine(ExecutionMode mode) { return Engine.builder().device("cuda").mode(mode).build(); }

    /** Operator by operator. */
    private static Engine engine() { return engine(ExecutionMode.INTERPRET); }

    private Program load(Engine engine) { return engine.load(models.folder("digits").resolve("model.pt")); }

    private static float[] output(ScriptModule module) {
        try (Tensor image = Tensor.of(new float[64], 1, 1, 8, 8); Result result = module.forward(image)) {
            return result.tensor().toFloatArray();
        }
    }

    private float[] output(Engine engine) {
        try (Program program = load(engine); ScriptModule module = program.instantiate().eval()) {
            return output(module);
        }
    }

    private float[] undisturbed() {
        try (Engine engine = engine()) {
            return output(engine);
        }
    }

    private static void assertNothingIsLeft(Engine engine) {
        assertEquals(0, engine.deviceMemory().liveBytes(), "bytes of the device's memory in use");
        assertEquals(0, engine.deviceMemory().liveBlocks(), "blocks of the device's memory in use");
        assertEquals(0, engine.memory().liveBlocks(), "blocks of the host's memory in use");
    }

    @Test void anyAllocationMayFail() {
        float[] expected = undisturbed();
        int allocations = 0;
        for (boolean failed = true; failed; allocations++) {
            try (Engine engine = engine()) {
                CudaEmulation.set("fail_alloc", allocations + 1);
                CudaEmulation.set("fail_alloc_count", FAR);      // what is tried again fails again
                failed = runsOutOfMemory(engine);
                CudaEmulation.set("fail_alloc", 0);
                assertNothingIsLeft(engine);
                assertTrue(engine.health().isGood(), engine.health().reason());
                assertArrayEquals(expected, output(engine), "the call after allocation " + (allocations + 1) + " failed");
                assertNothingIsLeft(engine);
            }
        }
        assertTrue(allocations > 5, allocations + " allocations");
    }

    private boolean runsOutOfMemory(Engine engine) {
        try {
            output(engine);
            return false;
        } catch (OutOfDeviceMemoryException e) {
            return true;
        }
    }

    @Test void theNextCallOfTheSameInstanceWorks() {
        try (Engine engine = engine(); Program program = load(engine); ScriptModule module = program.instantiate().eval()) {
            CudaEmulation.set("fail_alloc", 1);
            CudaEmulation.set("fail_alloc_count", FAR);
            var e = assertThrows(OutOfDeviceMemoryException.class, () -> output(module));
            assertTrue(e.getMessage().startsWith("cuda:0 has no memory for "), e.getMessage());
            CudaEmulation.set("fail_alloc", 0);
            assertArrayEquals(undisturbed(), output(module));
        }
    }

    @Test void whatIsKeptIsFreedBeforeACallFails() {
        try (Engine engine = engine(); Program program = load(engine); ScriptModule module = program.instantiate().eval()) {
            float[] expected = output(module);
            assertTrue(engine.deviceMemory().cachedBytes() > 0);
            CudaEmulation.set("fail_alloc", 1);
            try (Tensor larger = Tensor.of(new float[8 * 64], 8, 1, 8, 8); Result result = module.forward(larger)) {
                assertArrayEquals(new long[] {8, 10}, result.tensor().sizes());
            }
            assertEquals(1, engine.deviceMemory().retries());
            assertArrayEquals(expected, output(module));
        }
    }

    @Test void aLimitOfMemory() {
        try (Engine engine = Engine.builder().device("cuda").mode(ExecutionMode.INTERPRET).deviceMemoryBytes(1 << 10).build()) {
            var e = assertThrows(OutOfDeviceMemoryException.class, () -> output(engine));
            assertTrue(e.getMessage().contains(" of 1024 allowed"), e.getMessage());
            assertNothingIsLeft(engine);
        }
    }

    /** @param lazy whether the device does its work as late as it may, so that whoever waits meets the error */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void anyLaunchMayLoseTheDevice(int lazy) {
        int launches = 0;
        for (boolean lost = true; lost; launches++) {
            CudaEmulation.set("lazy", lazy);
            try (Engine engine = engine()) {
                CudaEmulation.set("fail_launch", launches + 1);
                lost = losesTheDevice(engine);
            }
            CudaEmulation.forget();
            CudaEmulation.reset();
        }
        assertTrue(launches > 3, launches + " launches");
    }

    private boolean losesTheDevice(Engine engine) {
        try (Program program = load(engine); ScriptModule module = program.instantiate().eval()) {
            assertTrue(engine.health().isGood());
            try {
                output(module);
                return false;
            } catch (DeviceLostException first) {
                assertFalse(engine.health().isGood());
                assertEquals(first.getMessage(), engine.health().reason());
                assertEquals(first.getMessage(), assertThrows(DeviceLostException.class, () -> output(module)).getMessage());
                assertThrows(DeviceLostException.class, () -> output(engine));
                return true;
            }
        }
    }

    @Test void aKernelThatDoesNotCompile() {
        System.setProperty(CACHE, folder.toString());
        try (Engine engine = engine(); Program program = load(engine); ScriptModule module = program.instantiate().eval()) {
            CudaEmulation.set("fail_compile", 1);
            var e = assertThrows(KernelCompileException.class, () -> output(module));
            assertTrue(e.log().contains("told to fail"), e.log());
            assertTrue(engine.health().isGood());
            assertEquals(0, engine.memory().liveBlocks());
            float[] after = output(module);
            assertTrue(CudaEmulation.get("compilations") > 1);
            assertArrayEquals(undisturbed(), after);
        }
    }
}
