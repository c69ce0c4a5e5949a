package dev.cresset.runtime.executor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cresset.Engine;
import dev.cresset.ExecutionMode;
import dev.cresset.Explanation;
import dev.cresset.Program;
import dev.cresset.Result;
import dev.cresset.ScriptModule;
import dev.cresset.ir.archive.ArchiveBuilder;
import dev.cresset.tensor.Tensor;
import dev.cresset.testmodels.TestModels;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Map;
import java.util.Random;

/** The test model "executor" or another program, run in one mode; closing it checks that no tensor memory is left. */
final class Executed implements AutoCloseable {
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    final Engine engine;
    final Program program;
    final ScriptModule module;

    Executed(ExecutionMode mode) { this(mode, Engine.builder()); }

    Executed(ExecutionMode mode, Engine.Builder builder) { this(mode, builder, model()); }

    /** A module from source. @param attributes as {@link ArchiveBuilder#module} takes them */
    Executed(ExecutionMode mode, String code, Map<String, ?> attributes) {
        this(mode, Engine.builder(), ArchiveBuilder.module(code, attributes).build());
    }

    private Executed(ExecutionMode mode, Engine.Builder builder, byte[] archive) {
        engine = builder.mode(mode).threads(1).out(new PrintStream(printed, true, StandardCharsets.UTF_8)).build();
        program = engine.load(archive, "model.pt");
        module = program.instantiate();
    }

    private static byte[] model() {
        try (TestModels models = TestModels.open()) {
            return Files.readAllBytes(models.folder("executor").resolve("model.pt"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Calls a method that returns a tensor. */
    float[] call(String method, Object... arguments) { return call(module, method, arguments); }

    static float[] call(ScriptModule module, String method, Object... arguments) {
        try (Result r = module.call(method, arguments)) {
            return r.tensor().toFloatArray();
        }
    }

    /** What a method is run by. */
    Explanation.Function explain(String method) {
        return program.explain().functions().stream().filter(f -> f.name().endsWith("." + method)).findFirst().orElseThrow();
    }

    FunctionExecutor executor(String method) { return program.executor().of(program.mainClass().method(method).orElseThrow()); }

    void await() { program.executor().await(); }

    String printed() { return printed.toString(StandardCharsets.UTF_8); }

    static Tensor random(long seed, long... shape) {
        Random r = new Random(seed);
        int n = 1;
        for (long s : shape) n *= (int) s;
        float[] data = new float[n];
        for (int i = 0; i < n; i++) data[i] = (float) r.nextGaussian();
        return Tensor.of(data, shape);
    }

    /** Equal but for the rounding of the last bits. */
    static void assertClose(float[] expected, float[] got) { assertArrayEquals(expected, got, 1e-5f); }

    @Override public void close() {
        module.close();
        program.close();
        assertEquals(0, engine.memory().liveBlocks(), "blocks of tensor memory that were not given back");
        engine.close();
    }
}
