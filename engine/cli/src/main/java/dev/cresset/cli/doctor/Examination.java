package dev.cresset.cli.doctor;

import dev.cresset.cli.doctor.Finding.State;
import dev.cresset.kernels.cpu.onednn.OneDnnLibrary;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Looks at the JDK, the processor, memory, oneDNN, CUDA's libraries and devices and the temporary folder. */
public final class Examination {
    private static final int MINIMUM_JAVA = 25;
    private static final String VECTOR_MODULE = "jdk.incubator.vector";
    private static final List<String> FEATURES = List.of("sse4_2", "avx", "f16c", "fma", "avx2", "avx512f", "avx512bw",
        "avx512vl",
        "avx512_vnni", "avx512_bf16", "avx512_fp16", "avx_vnni", "amx_tile", "amx_bf16", "amx_int8", "asimd", "sve",
            "bf16");

    private Examination() {}

    /**
     * @param cuda      whether a device cuda must be usable; otherwise its absence is no fault
     * @param compiling to compile the common kernels of each device now, it is told which; null not to
     */
    public static List<Finding> ofThisMachine(boolean cuda, Consumer<String> compiling) {
        List<Finding> out = new ArrayList<>(List.of(java(), vectors(), processor(), memory(), oneDnn(),
            temporaryFolder()));
        out.addAll(new CudaDevices(cuda, compiling).find());
        return out;
    }

    private static Finding java() {
        Runtime.Version version = Runtime.version();
        String text = version + ", " + System.getProperty("java.vm.name") + ", " + System.getProperty("java.home");
        return version.feature() >= MINIMUM_JAVA ? new Finding("Java", State.OK, text)
            : new Finding("Java", State.FAULT, text + ": needs " + MINIMUM_JAVA + " or newer");
    }

    private static Finding vectors() {
        if (ModuleFinder.ofSystem().find(VECTOR_MODULE).isEmpty()) {
            return new Finding("Vector API", State.FAULT, "this JDK has no module " + VECTOR_MODULE + ": install a complete one");
        }
        boolean loaded = ModuleLayer.boot().findModule(VECTOR_MODULE).isPresent();
        return new Finding("Vector API", State.OK, loaded ? "loaded"
            : "there; loaded for long work (verify, bench, run --runs), in a service by --add-modules " + VECTOR_MODULE);
    }

    private static Finding processor() {
        int count = Runtime.getRuntime().availableProcessors();
        Map<String, String> info = cpuInfo();
        String model = info.getOrDefault("model name", System.getProperty("os.arch"));
        List<String> flags = List.of((info.getOrDefault("flags", info.getOrDefault("Features", ""))).split(" "));
        List<String> known = FEATURES.stream().filter(flags::contains).toList();
        return new Finding("Processor", State.OK, model + ", " + count + (count == 1 ? " thread" : " threads") + ", "
            + String.join(" ", known));
    }

    /** The first processor's entries in {@code /proc/cpuinfo}; empty where there is none. */
    private static Map<String, String> cpuInfo() {
        Map<String, String> out = new TreeMap<>();
        try {
            for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
                int colon = line.indexOf(':');
                if (colon < 0 && !out.isEmpty()) break;
                if (colon > 0) out.put(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
            }
        } catch (IOException _) {
            // not Linux: the architecture is named instead
        }
        return out;
    }

    private static Finding memory() {
        String heap = gibi(Runtime.getRuntime().maxMemory()) + " for the Java heap (tensors live outside of it)";
        if (!(ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean os)) {
            return new Finding("Memory", State.OK, heap);
        }
        return new Finding("Memory", State.OK, gibi(os.getTotalMemorySize()) + ", free " + gibi(os.getFreeMemorySize())
            + ", at most " + heap);
    }

    private static String gibi(long bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1 << 30));
    }

    private static Finding oneDnn() {
        if (!OneDnnLibrary.isAvailable()) {
            return new Finding("oneDNN", State.MISSING, "cannot be loaded, so products and convolutions on the CPU are slow: "
                + OneDnnLibrary.loadFailure().map(Throwable::getMessage).orElse(""));
        }
        return new Finding("oneDNN", State.OK, OneDnnLibrary.version() + ", " + OneDnnLibrary.cpuIsa() + ", "
            + OneDnnLibrary.path());
    }

    private static Finding temporaryFolder() {
        String folder = System.getProperty("java.io.tmpdir");
        try {
            Files.delete(Files.createTempFile("cresset", null));
            return new Finding("Temporary", State.OK, folder + " can be written");
        } catch (IOException e) {
            return new Finding("Temporary", State.FAULT, folder + " cannot be written (" + e.getMessage()
                + "): set -Djava.io.tmpdir to another folder");
        }
    }
}
