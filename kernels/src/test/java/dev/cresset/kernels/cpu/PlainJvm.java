package dev.cresset.kernels.cpu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A JVM as services start it that know nothing of the module with the Vector API. */
public final class PlainJvm {
    private PlainJvm() {}

    /** What a main class prints, with this JVM's class path. @throws IOException if it fails */
    public static String output(Class<?> main) throws IOException, InterruptedException {
        Process p = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED",
            "-cp", System.getProperty("java.class.path"), main.getName()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String said = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (p.waitFor() != 0) throw new IOException(main + " ended with " + p.exitValue() + ": " + said);
        return said;
    }
}
