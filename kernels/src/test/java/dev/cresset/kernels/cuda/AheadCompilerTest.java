package dev.cresset.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.CommonKernels.Part;
import dev.cresset.kernels.cuda.code.KernelSource;
import dev.cresset.kernels.cuda.code.LayoutKernels;
import dev.cresset.kernels.cuda.driver.DeviceContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kernels compiled ahead, with a family of a few kernels. */
@EmulatedCuda
class AheadCompilerTest {
    static final KernelSource RANGE = LayoutKernels.range(ScalarType.INT64), FLOATS = LayoutKernels.range(ScalarType.FLOAT32),
        UPPER = LayoutKernels.triangle(ScalarType.FLOAT32), OTHER = LayoutKernels.linspace(ScalarType.FLOAT32);
    static final List<Part> PARTS = List.of(new Part("ranges", List.of(RANGE, FLOATS)), new Part("triangles", List.of(UPPER)));

    @TempDir private Path folder;

    private KernelLibrary library(DeviceContext context, Supplier<Stream<Part>> parts) {
        return new KernelLibrary(context, new CubinCache(folder), parts, new DeviceCache(Long.MAX_VALUE));
    }

    private KernelLibrary library(DeviceContext context) { return library(context, PARTS::stream); }

    private static long compilations() { return CudaEmulation.get("compilations"); }

    private long files(String end) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(f -> f.getFileName().toString().endsWith(end)).count();
        }
    }

    /** As a first process does, with nobody in its way. */
    private List<Part> fill(DeviceContext context) {
        try (AheadCompiler compiler = new AheadCompiler(new KernelCompiler(new CubinCache(folder), context.properties().architecture()), PARTS::stream)) {
            return compiler.compileAll(_ -> { });
        }
    }

    @Test void aLaterProcessCompilesNothing() throws IOException {
        try (DeviceContext context = DeviceContext.open(0)) {
            assertEquals(List.of(), fill(context));
            assertEquals(2, compilations());
            assertEquals(2, files(".contents"));
            try (KernelLibrary library = library(context)) {
                for (KernelSource k : List.of(RANGE, FLOATS, UPPER)) assertEquals(k.entry(), library.function(k).name());
            }
            assertEquals(List.of(), fill(context));
            assertEquals(2, compilations());
            assertEquals(2, files(".cubin"), "no kernel was compiled alone");
        }
    }

    @Test void whoeverNeedsAKernelGoesAhead() throws Exception {
        CountDownLatch needed = new CountDownLatch(1);
        Supplier<Stream<Part>> late = () -> {
            await(needed);
            return PARTS.stream();
        };
        try (DeviceContext context = DeviceContext.open(0); KernelLibrary library = library(context, late)) {
            try {
                assertNotNull(library.function(RANGE));
                assertEquals(1, compilations());
            } finally {
                needed.countDown();
            }
            while (files(".contents") < 2) Thread.onSpinWait();
            assertNotNull(library.function(UPPER));
            assertEquals(3, compilations(), "the part serves");
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test void closingBeginsNoOtherPart() throws IOException {
        AheadCompiler[] self = new AheadCompiler[1];
        try (DeviceContext context = DeviceContext.open(0)) {
            KernelCompiler compiler = new KernelCompiler(new CubinCache(folder), context.properties().architecture());
            self[0] = new AheadCompiler(compiler, PARTS::stream);
            assertEquals(List.of(), self[0].compileAll(_ -> self[0].close()));
            assertEquals(1, files(".contents"), "the part under way is finished");
            assertEquals(List.of(), fill(context));
            assertEquals(2, files(".contents"), "the next one goes on");
            assertEquals(2, compilations());
        }
    }

    @Test void closingTheLibraryWaits() {
        try (DeviceContext context = DeviceContext.open(0)) {
            library(context).close();
            long after = compilations();
            assertTrue(after <= 2);
            assertEquals(List.of(), fill(context), "nobody else is at it");
        }
    }

    @Test void onlyOneProcessCompiles() {
        try (DeviceContext context = DeviceContext.open(0)) {
            CubinCache.Lock lock = new CubinCache(folder).lock("ahead-" + context.properties().architecture()).orElseThrow();
            assertNull(fill(context));
            lock.close();
            assertEquals(List.of(), fill(context));
        }
    }

    @Test void aRefusedPartHurtsNobody() throws IOException {
        Path recorded = folder.resolve("events.jfr");
        try (DeviceContext context = DeviceContext.open(0); Recording recording = new Recording()) {
            recording.enable("cresset.CompileKernels");
            recording.start();
            CudaEmulation.set("fail_compile", 1);
            assertEquals(List.of(PARTS.getFirst()), fill(context));
            try (KernelLibrary library = library(context)) {
                assertNotNull(library.function(RANGE));
                assertNotNull(library.function(UPPER));
            }
            recording.stop();
            recording.dump(recorded);
        }
        RecordedEvent refused = RecordingFile.readAllEvents(recorded).stream().filter(e -> e.getString("failure") != null).findFirst().orElseThrow();
        assertEquals("ranges", refused.getString("name"));
        assertEquals(2, refused.getInt("kernels"));
        assertTrue(refused.getBoolean("ahead"));
        assertTrue(refused.getString("failure").contains("told to fail"), refused.getString("failure"));
    }

    @Test void damagedAndLostFilesAreMadeAnew() throws IOException {
        try (DeviceContext context = DeviceContext.open(0)) {
            fill(context);
            List<Path> all;
            try (Stream<Path> files = Files.list(folder)) {
                all = files.filter(f -> !f.toString().endsWith(".lock")).sorted().toList();
            }
            assertEquals(4, all.size());
            for (Path damaged : all) {
                byte[] whole = Files.readAllBytes(damaged);
                for (int length : new int[] {-1, 0, whole.length / 2, whole.length - 1}) {
                    if (length < 0) Files.delete(damaged);
                    else Files.write(damaged, java.util.Arrays.copyOf(whole, length));
                    try (KernelLibrary library = library(context, null)) {
                        for (KernelSource k : List.of(RANGE, FLOATS, UPPER)) assertEquals(k.entry(), library.function(k).name());
                    }
                    assertEquals(List.of(), fill(context));
                    assertEquals(whole.length, Files.size(damaged), damaged + " is whole again");
                }
            }
        }
    }

    @Test void nothingIsCompiledAheadWithoutAFolder() {
        try (DeviceContext context = DeviceContext.open(0);
             KernelLibrary library = new KernelLibrary(context, new CubinCache(null), PARTS::stream, new DeviceCache(Long.MAX_VALUE))) {
            assertNotNull(library.function(RANGE));
        }
        assertEquals(1, compilations());
    }

    @Test void whatIsNotCommonIsCompiledAlone() {
        try (DeviceContext context = DeviceContext.open(0)) {
            fill(context);
            try (KernelLibrary library = library(context)) {
                assertNotNull(library.function(OTHER));
            }
            assertEquals(3, compilations());
            assertFalse(new CubinCache(folder).modules().isEmpty());
        }
    }

    // ---- several processes

    /** Compiles the parts in a process of its own, each when it is told to: says its name and reads a line. */
    static final class Child {
        public static void main(String[] arguments) {
            CubinCache cache = new CubinCache(Path.of(arguments[0]));
            try (DeviceContext context = DeviceContext.open(0);
                 AheadCompiler compiler = new AheadCompiler(new KernelCompiler(cache, context.properties().architecture()), PARTS::stream)) {
                List<Part> refused = compiler.compileAll(p -> {
                    System.out.println(p.name());
                    readLine();
                });
                System.out.println(refused == null ? "somebody else does" : "done");
            }
        }

        private static void readLine() {
            try {
                while (System.in.read() != '\n') { }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private Process child() throws IOException {
        return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED",
            "-Dcresset.cuda.emulation=" + System.getProperty("cresset.cuda.emulation"), "-cp", System.getProperty("java.class.path"),
            Child.class.getName(), folder.toString()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    private static void goOn(Process child) throws IOException {
        child.outputWriter().write("\n");
        child.outputWriter().flush();
    }

    @Test void whatAnotherProcessCompilesServes() throws Exception {
        Process child = child();
        assertEquals("ranges", child.inputReader().readLine());
        try (DeviceContext context = DeviceContext.open(0); KernelLibrary library = library(context)) {
            assertNotNull(library.function(RANGE), "it does not wait for the other");
            assertNull(fill(context));
            goOn(child);
            assertEquals("triangles", child.inputReader().readLine());
            assertNotNull(library.function(FLOATS));
            goOn(child);
            assertEquals("done", child.inputReader().readLine());
            assertEquals(0, child.waitFor());
            assertNotNull(library.function(UPPER));
            assertEquals(1, compilations());
        }
    }

    @Test void aProcessThatIsKilledLeavesWhatIsDone() throws Exception {
        Process child = child();
        assertEquals("ranges", child.inputReader().readLine());
        goOn(child);
        assertEquals("triangles", child.inputReader().readLine());
        child.destroyForcibly().waitFor();
        try (DeviceContext context = DeviceContext.open(0)) {
            assertEquals(List.of(), fill(context));
            assertEquals(1, compilations());
            assertEquals(2, files(".contents"));
        }
    }
}
