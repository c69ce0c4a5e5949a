package dev.cresset.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cresset.kernels.cuda.code.Nvcc;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Whole programs on the emulated CUDA device, each in a process of its own: what CUDA is, a process decides once. */
class EmulatedDeviceTest {
    @BeforeAll static void compiler() { EmulatedProcess.assumeCompiler(); }

    private static EmulatedProcess cresset(Object... arguments) throws IOException, InterruptedException {
        return EmulatedProcess.run("dev.cresset.cli.Main", arguments);
    }

    @Test void modelsGiveWhatPyTorchComputed() throws Exception {
        for (String model : List.of("lstm-cell", "shared-weights", "state")) {
            EmulatedProcess e = cresset("verify", Cli.folder(model), "--device", "cuda", "--emulate-cuda", "--cpu-fallback", "--runs", 2);
            assertEquals(0, e.code(), e.out() + e.err());
        }
    }

    @Test void plansGiveWhatPyTorchComputed() throws Exception {
        for (String mode : List.of("optimize", "shadow", "deopt")) {
            EmulatedProcess e = cresset("verify", Cli.folder("lstm-cell"), Cli.folder("state"), "--device", "cuda", "--emulate-cuda", "--mode", mode, "--runs", 3,
                "--cpu-fallback");
            assertEquals(0, e.code(), mode + ": " + e.out() + e.err());
        }
    }

    /** Also where states of a cell are float32 that the program makes, and with lists of weights. */
    @Test void modelsIn16BitsAreNear() throws Exception {
        EmulatedProcess e = cresset("verify", Cli.folder("digits"), Cli.folder("lstm-gru"), Cli.folder("lstm-cell-loop"), "--device", "cuda", "--emulate-cuda", "--cpu-fallback",
            "--precision", "bf16", "--mode", "optimize", "--runs", 3);
        assertEquals(0, e.code(), e.out() + e.err());
    }

    @Test void runsSayTheErrorOfAPrecision() throws Exception {
        EmulatedProcess e = cresset("run", Cli.folder("digits").resolve("model.pt"), "f32[1,1,8,8]", "--device", "cuda", "--emulate-cuda", "--precision", "fp16");
        assertEquals(0, e.code(), e.err());
        assertTrue(e.err().lines().anyMatch(l -> l.matches("error of fp16 against fp32: largest \\d.*[1-9].*, \\d.*[1-9].* of the norm")), e.err());
        EmulatedProcess tf32 = cresset("run", Cli.folder("digits").resolve("model.pt"), "f32[1,1,8,8]", "--device", "cuda", "--emulate-cuda", "--precision", "tf32", "--json");
        double error = new ObjectMapper().readTree(tf32.out()).path("error_against_fp32").path("relative_to_norm").asDouble();
        assertTrue(error > 0 && error < 1e-2, tf32.out());
    }

    @Test void aPlanIsOneGraph() throws Exception {
        EmulatedProcess e = cresset("inspect", Cli.folder("digits").resolve("model.pt"), "f32[1,1,8,8]", "--phase", "plan", "--device", "cuda", "--emulate-cuda");
        assertEquals(0, e.code(), e.err());
        assertTrue(e.out().contains("1 graph with "), e.out());
        assertFalse(e.err().contains("ran on the CPU"), e.err());
    }

    @Test void kernelsOfAPlanAreShownWithWhatTheyMove() throws Exception {
        EmulatedProcess e = cresset("inspect", Cli.folder("lstm-cell").resolve("model.pt"), "f32[8,10]", "f32[8,20]", "f32[8,20]", "f32[80,10]", "f32[80,20]", "f32[80]", "f32[80]", "--kernels", "--device", "cuda",
            "--emulate-cuda");
        assertEquals(0, e.code(), e.err());
        assertTrue(e.out().contains("extern \"C\" __global__"), e.out());
        assertTrue(e.out().lines().anyMatch(l -> l.matches("fused .* k[0-9a-f]+ +[0-9,]+")), e.out());
        assertTrue(e.out().lines().anyMatch(l -> l.matches("cuda:0 holds .* MB: weights .*, streams (?!0\\.0).* pinned on the host")), e.out());
    }

    /** No kernel that the plans of these models are made of spills registers. */
    @Test void kernelsOfModelsAreCompiledByNvcc() throws Exception {
        Assumptions.assumeTrue(Nvcc.find().isPresent(), "kernels of models are not compiled here: there is no nvcc on the PATH");
        EmulatedProcess e = cresset("verify", Cli.folder("lstm-cell"), Cli.folder("digits"), "--device", "cuda", "--emulate-cuda", "--cpu-fallback", "--mode", "optimize",
            "--runs", 3, "--nvcc");
        assertEquals(0, e.code(), e.out() + e.err());
        for (String a : Nvcc.ARCHITECTURES) assertTrue(e.out().lines().anyMatch(l -> l.contains(a) && l.endsWith(", none spills")), e.out());
    }

    @Test void withoutADeviceNothingRuns() throws Exception {
        EmulatedProcess e = cresset("run", Cli.folder("digits").resolve("model.pt"), "f32[1,1,8,8]", "--device", "cuda:77");
        assertEquals(1, e.code(), e.out());
        assertTrue(e.out().isEmpty(), e.out());
        assertTrue(e.err().contains("CUDA cannot be used on this machine") || e.err().contains("there is no device cuda:77"), e.err());
        assertFalse(e.err().contains("fault of Cresset"), e.err());
    }
}
