package dev.cresset.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole programs on the emulated CUDA device, each in a process of its own: what CUDA is, a process decides once. */
class EmulatedDeviceTest {
    @TempDir private Path temp;

    private record Ended(int code, String out, String err) {}

    @BeforeAll static void compiler() {
        boolean there = Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "g++")));
        Assumptions.assumeTrue(there, "CUDA is not emulated: there is no g++ on the PATH");
    }

    private Ended cresset(Object... arguments) throws IOException, InterruptedException {
        Path home = Path.of("").toAbsolutePath().resolve("../..").normalize();
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED", "--add-modules", "jdk.incubator.vector", "-Dcresset.home=" + home,
            "-cp", System.getProperty("java.class.path"), "dev.cresset.cli.Main"));
        for (Object a : arguments) command.add(a.toString());
        Path err = temp.resolve("err.txt");
        Process p = new ProcessBuilder(command).redirectError(err.toFile()).start();
        String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(p.waitFor(), out, Files.readString(err));
    }

    @Test void modelsGiveWhatPyTorchComputed() throws Exception {
        for (String model : List.of("lstm-cell", "shared-weights", "state")) {
            Ended e = cresset("verify", Cli.folder(model), "--device", "cuda", "--emulate-cuda", "--cpu-fallback", "--runs", 2);
            assertEquals(0, e.code, e.out + e.err);
        }
    }

    @Test void operatorsWithoutKernelAreNamedAtOnce() throws Exception {
        Ended e = cresset("run", Cli.folder("digits").resolve("model.pt"), "f32[1,1,8,8]", "--device", "cuda", "--emulate-cuda");
        assertEquals(1, e.code, e.out);
        assertTrue(e.err.contains("no kernel for cuda:0") && e.err.contains("aten::") && e.err.contains("--cpu-fallback"), e.err);
    }

    @Test void whatRanOnTheCpuIsListed() throws Exception {
        Ended e = cresset("run", Cli.folder("digits").resolve("model.pt"), "f32[1,1,8,8]", "--device", "cuda", "--emulate-cuda",
            "--cpu-fallback", "--explain");
        assertEquals(0, e.code, e.err);
        assertTrue(e.err.contains("unoptimised, because there are no plans for CUDA yet"), e.err);
        assertTrue(e.err.contains("ran on the CPU, because the device has no kernel"), e.err);
    }

    @Test void withoutADeviceNothingRuns() throws Exception {
        Ended e = cresset("run", Cli.folder("digits").resolve("model.pt"), "f32[1,1,8,8]", "--device", "cuda:77");
        assertEquals(1, e.code, e.out);
        assertTrue(e.out.isEmpty(), e.out);
        assertTrue(e.err.contains("CUDA cannot be used on this machine") || e.err.contains("there is no device cuda:77"), e.err);
        assertFalse(e.err.contains("fault of Cresset"), e.err);
    }
}
