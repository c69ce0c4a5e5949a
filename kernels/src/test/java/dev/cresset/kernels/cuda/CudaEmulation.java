package dev.cresset.kernels.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The emulated CUDA libraries: builds them when first needed, has the locator use them, and makes them misbehave on
 * purpose. Settings and counters are named in {@code cuda-emulation/driver/device.cpp}.
 */
public final class CudaEmulation implements ExecutionCondition, BeforeEachCallback, AfterEachCallback {
    private static final int NO_COMPILER = 3;
    private static final String SCRIPT = "src/test/cuda-emulation/build.sh";

    private record Built(Path folder, String fault) {}

    private static final class Holder {
        static final Built BUILT = build();
    }

    private static final class Native {
        static final MethodHandle SET = bind("cuemu_set", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
        static final MethodHandle GET = bind("cuemu_get", FunctionDescriptor.of(JAVA_LONG, ADDRESS));
        static final MethodHandle RESET = bind("cuemu_reset", FunctionDescriptor.ofVoid());
        static final MethodHandle FORGET = bind("cuemu_forget", FunctionDescriptor.ofVoid());

        static MethodHandle bind(String name, FunctionDescriptor type) {
            SymbolLookup driver = SymbolLookup.libraryLookup(Holder.BUILT.folder.resolve("libcuda.so.1"), Arena.global());
            return Linker.nativeLinker().downcallHandle(driver.find(name).orElseThrow(), type);
        }
    }

    @Override public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return Holder.BUILT.folder == null ? ConditionEvaluationResult.disabled("CUDA is not emulated: " + Holder.BUILT.fault)
            : ConditionEvaluationResult.enabled("built");
    }

    @Override public void beforeEach(ExtensionContext context) {
        EmulatedCuda asked = context.getRequiredTestClass().getAnnotation(EmulatedCuda.class);
        if (asked != null && asked.order() != 0 && System.getenv("CUEMU_ORDER") == null) set("order", asked.order());
    }

    @Override public void afterEach(ExtensionContext context) {
        long blocks = get("live_allocations"), pinned = get("live_pinned");
        reset();
        if (context.getExecutionException().isPresent()) return;
        assertEquals(0, blocks, "allocations of device memory that are left");
        assertEquals(0, pinned, "pieces of pinned memory that are left");
    }

    /**
     * Changes a setting: {@code fail_alloc}, {@code fail_launch}, {@code fail_compile}, {@code lazy}, {@code memory}… {@code order} is that of
     * threads and blocks: 0 ascending, -1 descending, more a random one that begins with this number; for a whole process
     * {@code CUEMU_ORDER} is {@code ascending}, {@code descending} or {@code random:SEED}.
     */
    public static void set(String name, long value) {
        try (Arena arena = Arena.ofConfined()) {
            assertEquals(0, (int) Native.SET.invokeExact(arena.allocateFrom(name), value), name + " is a setting");
        } catch (Throwable t) {
            throw new IllegalStateException(t);
        }
    }

    /** A setting or a counter: {@code launches}, {@code allocations}, {@code live_bytes}, {@code live_allocations}… */
    public static long get(String name) {
        try (Arena arena = Arena.ofConfined()) {
            return (long) Native.GET.invokeExact(arena.allocateFrom(name));
        } catch (Throwable t) {
            throw new IllegalStateException(t);
        }
    }

    /** Makes a lost device work again, and all settings what they were. */
    public static void reset() {
        try {
            Native.RESET.invokeExact();
        } catch (Throwable t) {
            throw new IllegalStateException(t);
        }
    }

    /** Frees the memory that a lost device has left: it goes with the process, and here the process goes on. */
    public static void forget() {
        try {
            Native.FORGET.invokeExact();
        } catch (Throwable t) {
            throw new IllegalStateException(t);
        }
    }

    private static Built build() {
        Path module = Stream.of("", "kernels", "../kernels", "../../kernels").map(Path::of)      // tests run in the folder of their module
            .filter(m -> Files.isRegularFile(m.resolve(SCRIPT))).findFirst().orElseThrow();
        Path script = module.resolve(SCRIPT).toAbsolutePath();
        try {
            Path log = Files.createTempFile("cuda-emulation", ".log");
            Process process = new ProcessBuilder(script.toString(), module.resolve("target/cuda-emulation").toAbsolutePath().toString())
                .redirectError(log.toFile()).start();
            String folder = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            int code = process.waitFor();
            String messages = Files.readString(log);
            Files.delete(log);
            if (code == NO_COMPILER) return new Built(null, messages.strip());
            if (code != 0) throw new IllegalStateException("the CUDA emulation does not build:\n" + messages);
            System.setProperty("cresset.cuda.emulation", folder);
            return new Built(Path.of(folder), null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
