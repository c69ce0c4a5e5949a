package dev.cresset.bench;

import dev.cresset.bench.subject.SubjectProcess;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The parent's end of a {@link SubjectProcess}: one engine in a JVM of its own, all with the same flags. */
final class EngineProcess implements AutoCloseable {
    /** The flags of every engine's JVM. */
    static final List<String> FLAGS = List.of("-Xmx3g", "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow");

    private final Process process;
    private final BufferedReader out;
    private final BufferedWriter in;
    private final long started = System.nanoTime();

    /**
     * Starts an engine.
     *
     * @param device options that say where Cresset runs; peers run on the CPU
     * @param cache  where an engine may unpack its native libraries
     */
    static EngineProcess start(String engine, int threads, List<String> device, Path cache, File log) throws IOException {
        return new EngineProcess(engine, threads, device, cache, log);
    }

    private EngineProcess(String engine, int threads, List<String> device, Path cache, File log) throws IOException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(FLAGS);
        command.addAll(List.of("-Dai.djl.offline=true", "-DENGINE_CACHE_DIR=" + cache, "-DDJL_CACHE_DIR=" + cache,
            "-Dai.djl.pytorch.num_threads=" + threads, "-Dai.djl.pytorch.num_interop_threads=1",
            "-Dcresset.home=" + System.getProperty("cresset.home", "."),
            "-cp", System.getProperty("java.class.path"), SubjectProcess.class.getName(), engine, String.valueOf(threads)));
        command.addAll(device);
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log));
        builder.environment().put("OMP_NUM_THREADS", String.valueOf(threads));
        process = builder.start();
        out = process.inputReader(StandardCharsets.UTF_8);
        in = process.outputWriter(StandardCharsets.UTF_8);
    }

    long pid() { return process.pid(); }

    /** Seconds since the process was started. */
    double age() { return (System.nanoTime() - started) / 1e9; }

    /** Sends a command and waits for its answer. @throws EngineFailure with what the engine says is wrong */
    String ask(String command) {
        try {
            in.write(command);
            in.newLine();
            in.flush();
            for (String line; (line = out.readLine()) != null; ) {
                if (line.startsWith("@ ")) return line.substring(2).strip();
                if (line.startsWith("! ")) throw new EngineFailure(line.substring(2));
            }
            throw new EngineFailure("the process ended while it did '" + command + "'");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The numbers of an answer. */
    double[] numbers(String command) {
        String answer = ask(command);
        if (answer.isEmpty()) return new double[0];
        String[] words = answer.split(" ");
        double[] numbers = new double[words.length];
        for (int i = 0; i < words.length; i++) numbers[i] = Double.parseDouble(words[i]);
        return numbers;
    }

    @Override public void close() {
        try {
            in.close();
            if (!process.waitFor(5, TimeUnit.SECONDS)) process.destroyForcibly();
        } catch (IOException _) {
            process.destroyForcibly();
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** An engine that cannot do what it was asked; the others go on without it. */
    static final class EngineFailure extends RuntimeException {
        EngineFailure(String message) { super(message); }
    }
}
