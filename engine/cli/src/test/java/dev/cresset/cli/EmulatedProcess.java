package dev.cresset.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** A process of its own for what uses the emulated CUDA device: what CUDA is, a process decides once. */
public record EmulatedProcess(int code, String out, String err) {
    /** Skips the test where the emulation cannot be built. */
    public static void assumeCompiler() {
        boolean there = Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "g++")));
        Assumptions.assumeTrue(there, "CUDA is not emulated: there is no g++ on the PATH");
    }

    /** Runs this main class to its end. */
    public static EmulatedProcess run(String main, Object... arguments) throws IOException, InterruptedException {
        Path home = Path.of("").toAbsolutePath().resolve("../..").normalize();
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED", "--add-modules", "jdk.incubator.vector", "-Dcresset.home=" + home,
            "-cp", System.getProperty("java.class.path"), main));
        for (Object a : arguments) command.add(a.toString());
        Path err = Files.createTempFile("emulated", ".err");
        try {
            Process p = new ProcessBuilder(command).redirectError(err.toFile()).start();
            String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new EmulatedProcess(p.waitFor(), out, Files.readString(err));
        } finally {
            Files.delete(err);
        }
    }
}
