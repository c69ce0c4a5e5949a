package dev.cresset.cli.device;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The CUDA emulation of the tests, for trying {@code --device cuda} on a machine without a GPU: built by g++ from the sources
 * of a checkout when it is first asked for.
 */
final class EmulatedCuda {
    private static final String PROPERTY = "cresset.cuda.emulation", SOURCES = "kernels/src/test/cuda-emulation";
    private static final long BUILD_SECONDS = 600;

    private EmulatedCuda() {}

    /** Lets CUDA be the emulation in this process. Must come before anything asks for CUDA. */
    static void use() throws IOException {
        if (System.getProperty(PROPERTY) != null) return;
        Path home = Path.of(System.getProperty("cresset.home", ".")).toAbsolutePath().normalize();
        Path sources = home.resolve(SOURCES);
        if (!Files.isDirectory(sources)) {
            throw new IllegalArgumentException("--emulate-cuda needs a source checkout of Cresset: there is no " + sources);
        }
        System.setProperty(PROPERTY, built(sources, home.resolve("kernels/target/emulated-cuda")).toString());
    }

    /** A folder with the libraries made from these very sources. */
    private static Path built(Path sources, Path target) throws IOException {
        Path folder = target.resolve(Long.toHexString(stamp(sources)));
        if (Files.isRegularFile(folder.resolve("complete"))) return folder;
        Files.createDirectories(target);
        Path fresh = Files.createTempDirectory(target, "new");
        List<Path> headers = files(sources.resolve("include"), "");
        Files.createDirectories(fresh.resolve("include"));
        for (Path h : headers) Files.copy(h, fresh.resolve("include").resolve(h.getFileName()));
        compile(sources, "driver", fresh.resolve("libcuda.so.1"), List.of());
        List<String> driver = List.of(fresh.resolve("libcuda.so.1").toString());
        compile(sources, "nvrtc", fresh.resolve("libnvrtc.so.12"), driver);
        compile(sources, "cublas", fresh.resolve("libcublas.so.12"), driver);
        compile(sources, "cudnn", fresh.resolve("libcudnn.so.9"), driver);
        Files.createFile(fresh.resolve("complete"));
        try {
            Files.move(fresh, folder);
        } catch (IOException e) {
            if (!Files.isRegularFile(folder.resolve("complete"))) throw e;   // another process was faster
        }
        return folder;
    }

    private static long stamp(Path sources) throws IOException {
        long stamp = 17;
        try (Stream<Path> all = Files.walk(sources)) {
            for (Path p : all.filter(Files::isRegularFile).sorted().toList()) stamp = 31 * stamp + Files.readString(p, StandardCharsets.UTF_8).hashCode();
        }
        return stamp;
    }

    private static List<Path> files(Path folder, String suffix) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(p -> p.toString().endsWith(suffix)).sorted().toList();
        }
    }

    private static void compile(Path sources, String part, Path library, List<String> with) throws IOException {
        List<String> command = new ArrayList<>(List.of("g++", "-std=c++17", "-O1", "-fPIC", "-shared", "-pthread", "-w", "-o",
            library.toString(), "-Wl,-soname," + library.getFileName()));
        Path symbols = sources.resolve(part).resolve("symbols.map");
        if (Files.isRegularFile(symbols)) command.add("-Wl,--version-script=" + symbols);
        files(sources.resolve(part), ".cpp").forEach(p -> command.add(p.toString()));
        command.addAll(with);
        command.addAll(List.of("-ldl", "-Wl,-rpath,$ORIGIN"));
        run(command);
    }

    private static void run(List<String> command) throws IOException {
        File log = File.createTempFile("cresset-emulation", ".log");
        try {
            Process process = start(command, log);
            if (!process.waitFor(BUILD_SECONDS, TimeUnit.SECONDS)) process.destroyForcibly();
            if (process.isAlive() || process.exitValue() != 0) {
                throw new IOException("the emulation of CUDA cannot be built:\n" + Files.readString(log.toPath()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while building the emulation of CUDA", e);
        } finally {
            log.delete();
        }
    }

    private static Process start(List<String> command, File log) throws IOException {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start();
        } catch (IOException e) {
            throw new IOException("--emulate-cuda needs g++: " + e.getMessage(), e);
        }
    }
}
