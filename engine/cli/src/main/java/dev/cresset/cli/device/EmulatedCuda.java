package dev.cresset.cli.device;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The CUDA emulation of the tests, for trying {@code --device cuda} on a machine without a GPU: built from the sources of a
 * checkout when it is first asked for.
 */
final class EmulatedCuda {
    private static final String PROPERTY = "cresset.cuda.emulation", SCRIPT = "kernels/src/test/cuda-emulation/build.sh";

    private EmulatedCuda() {}

    /** Lets CUDA be the emulation in this process. Must come before anything asks for CUDA. */
    static void use() throws IOException {
        if (System.getProperty(PROPERTY) != null) return;
        Path home = Path.of(System.getProperty("cresset.home", ".")).toAbsolutePath().normalize();
        Path script = home.resolve(SCRIPT);
        if (!Files.isRegularFile(script)) {
            throw new IllegalArgumentException("--emulate-cuda needs a source checkout of Cresset: there is no " + script);
        }
        Process process = new ProcessBuilder(script.toString(), home.resolve("kernels/target/cuda-emulation").toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String folder = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        try {
            if (process.waitFor() != 0) throw new IOException("the emulation of CUDA cannot be built, see above");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while building the emulation of CUDA", e);
        }
        System.setProperty(PROPERTY, folder);
    }
}
