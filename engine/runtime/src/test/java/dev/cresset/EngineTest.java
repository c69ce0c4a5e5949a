package dev.cresset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.diag.ArchiveException;
import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.type.Device;
import dev.cresset.tensor.Tensor;
import dev.cresset.testmodels.TestModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EngineTest {
    private TestModels models;
    private Engine engine;

    @BeforeEach void open() throws IOException {
        models = TestModels.open();
        engine = Engine.create();
    }

    @AfterEach void nothingIsLeft() throws IOException {
        assertEquals(0, engine.memory().liveBlocks(), "blocks of tensor memory that were not given back");
        engine.close();
        models.close();
    }

    private Program load(String name) { return engine.load(models.folder(name).resolve("model.pt")); }

    private static Tensor random(long seed, long... shape) {
        Random r = new Random(seed);
        int n = 1;
        for (long s : shape) n *= (int) s;
        float[] data = new float[n];
        for (int i = 0; i < n; i++) data[i] = (float) r.nextGaussian();
        return Tensor.of(data, shape);
    }

    @Test void readsAHandwrittenDigit() {
        try (Program digits = load("digits"); ScriptModule module = digits.instantiate().eval();
             Result result = module.forward(Tensor.zeros(dev.cresset.ir.type.ScalarType.FLOAT32, 1, 1, 8, 8))) {
            assertArrayEquals(new long[] {1, 10}, result.tensor().sizes());
        }
    }

    /** (By default the bits of one and the other take turns while a plan is on trial.) */
    @ParameterizedTest
    @EnumSource(names = {"INTERPRET", "OPTIMIZE"})
    void manyThreadsGetTheSameBits(ExecutionMode mode) throws Exception {
        try (Engine own = Engine.builder().mode(mode).build(); Program program = own.load(models.folder("resnet").resolve("model.pt"));
             ScriptModule module = program.instantiate().eval(); ExecutorService threads = Executors.newFixedThreadPool(8)) {
            Tensor input = random(1, 1, 3, 32, 32);
            for (int i = 0; i < 3; i++) output(module, input);
            float[] expected = output(module, input);
            List<Callable<float[]>> calls = new ArrayList<>();
            for (int i = 0; i < 64; i++) calls.add(() -> output(module, input));
            for (Future<float[]> f : threads.invokeAll(calls)) assertArrayEquals(expected, f.get());
        }
    }

    private static float[] output(ScriptModule module, Tensor input) {
        try (Result r = module.forward(input)) {
            return r.tensor().toFloatArray();
        }
    }

    @Test void memoryIsReusedFromCallToCall() {
        try (Program program = load("unet"); ScriptModule module = program.instantiate().eval()) {
            Tensor input = random(2, 1, 1, 32, 32);
            output(module, input);
            long cached = engine.memory().cachedBytes();
            for (int i = 0; i < 20; i++) output(module, input);
            assertEquals(cached, engine.memory().cachedBytes(), "bytes kept for reuse after the first call");
        }
    }

    @Test void resultsStayValidUntilClosed() {
        try (Program program = load("resnet"); ScriptModule module = program.instantiate().eval()) {
            Result first = module.forward(random(3, 1, 3, 32, 32));
            float[] before = first.tensor().toFloatArray();
            output(module, random(4, 1, 3, 32, 32));
            assertArrayEquals(before, first.tensor().toFloatArray(), "another call must not overwrite it");
            first.close();
            first.close();
            assertThrows(RuntimeException.class, () -> first.tensor().toFloatArray());
        }
    }

    @Test void saysWhereAProgramFailed() {
        try (Program program = load("resnet"); ScriptModule module = program.instantiate().eval()) {
            ScriptError e = assertThrows(ScriptError.class, () -> module.forward(random(5, 1, 4, 32, 32)));
            assertTrue(e.getMessage().contains("<--- HERE"), e.getMessage());
            assertTrue(e.getMessage().contains("serialized code") && e.getMessage().contains("original code"), e.getMessage());
        }
    }

    @Test void saysWhichArgumentIsWrong() {
        try (Program program = load("digits"); ScriptModule module = program.instantiate()) {
            ScriptError missing = assertThrows(ScriptError.class, module::forward);
            assertTrue(missing.reason().startsWith("forward() is missing value for argument"), missing.reason());
            ScriptError wrong = assertThrows(ScriptError.class, () -> module.forward("seven"));
            assertTrue(wrong.reason().contains("but instead found type 'str'"), wrong.reason());
            ScriptError none = assertThrows(ScriptError.class, () -> module.call("backward"));
            assertTrue(none.reason().contains("has no method 'backward'"), none.reason());
        }
    }

    @Test void namesAMissingFile() {
        ArchiveException e = assertThrows(ArchiveException.class, () -> engine.load(Path.of("no-such.pt")));
        assertTrue(e.getMessage().contains("no-such.pt"), e.getMessage());
    }

    @Test void refusesADeviceItDoesNotHave() {
        var e = assertThrows(UnsupportedException.class, () -> Engine.builder().device(Device.parse("xpu:0")));
        assertEquals("device 'xpu:0' is not there: this version of Cresset runs on cpu and cuda", e.getMessage());
    }

    @Test void outOfMemoryIsAnErrorOfThatCallOnly() {
        try (Engine small = Engine.builder().memoryBytes(1 << 20).build();
             Program program = small.load(models.folder("resnet").resolve("model.pt")); ScriptModule module = program.instantiate().eval()) {
            ScriptError e = assertThrows(ScriptError.class, () -> output(module, random(6, 64, 3, 64, 64)));
            assertEquals("OutOfMemoryError", e.errorClass(), e.getMessage());
            assertEquals(0, small.memory().liveBlocks());
            assertNotEquals(0, output(module, random(7, 1, 3, 32, 32)).length, "the next call works");
        }
    }
}
