package dev.cresset.kernels.cuda.driver;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import jcuda.driver.CUdevice;
import jcuda.driver.JCudaDriver;
import jcuda.jcudnn.JCudnn;
import jcuda.nvrtc.JNvrtc;

/**
 * CUDA's libraries in this process: loaded when first asked for, once. What is wrong is a value, {@link #diagnosis()};
 * {@link #verifyAvailable()} throws it.
 *
 * <p>System properties, read once: {@code cresset.cuda.path} (folders to look in first), {@code cresset.cuda.driver},
 * {@code .nvrtc}, {@code .cublaslt}, {@code .cublas}, {@code .cudnn} (files), {@code cresset.cuda.emulation} (a folder with emulated
 * libraries, for tests).
 */
public final class Cuda {
    /** How one library was found. {@code detail} names path and version, or what to install. */
    public record Finding(String library, boolean found, String detail) {}

    private record Loaded(LibraryLocator located, Optional<String> fault, SymbolLookup driver, SymbolLookup blasLt, Path natives, int devices) {}

    /** Loads at first use, not when the class is loaded. */
    private static final class Holder {
        static final Loaded LOADED = load();
    }

    private Cuda() {}

    /** True if there is a device and all that is needed to use it. */
    public static boolean isAvailable() { return Holder.LOADED.fault.isEmpty(); }

    /** What is wrong, if anything is, a line for each thing. */
    public static Optional<String> diagnosis() { return Holder.LOADED.fault; }

    /** @throws CudaUnavailableException with the diagnosis, if CUDA cannot be used here */
    public static void verifyAvailable() {
        Holder.LOADED.fault.ifPresent(f -> {
            throw new CudaUnavailableException("CUDA cannot be used on this machine:\n" + f);
        });
    }

    /** How many devices there are; 0 where CUDA cannot be used. */
    public static int deviceCount() { return Holder.LOADED.devices; }

    /** True if the libraries are the emulated ones of the tests. */
    public static boolean isEmulated() { return System.getProperty("cresset.cuda.emulation") != null; }

    /** Each library with its version and path, or with what to install. */
    public static List<Finding> findings() {
        Loaded loaded = Holder.LOADED;
        List<Finding> out = new ArrayList<>();
        Map<Library, Path> found = loaded.located.found();
        for (Library l : Library.values()) {
            Path path = found.get(l);
            String version = path == null || loaded.natives == null ? "" : version(l) + ", ";
            out.add(path == null ? new Finding(l.title(), false, loaded.located.absence(l).substring(l.title().length() + 2))
                : new Finding(l.title(), true, version + path));
        }
        if (loaded.natives != null) out.add(new Finding("JCuda", true, natives(loaded)));
        return out;
    }

    private static String natives(Loaded loaded) {
        return jcuda.JCudaVersion.get() + (loaded.located.major() == 12 ? "" : " re-bound to CUDA " + loaded.located.major()) + ", "
            + loaded.natives;
    }

    private static String version(Library l) {
        int[] a = new int[1], b = new int[1];
        return switch (l) {
            case DRIVER -> JCudaDriver.cuDriverGetVersion(a) == 0 ? "for CUDA " + a[0] / 1000 + "." + a[0] % 1000 / 10 : "version unknown";
            case NVRTC -> JNvrtc.nvrtcVersion(a, b) == 0 ? a[0] + "." + b[0] : "version unknown";
            case CUBLASLT, CUBLAS -> "CUDA " + Holder.LOADED.located.major();
            case CUDNN -> {
                long v = JCudnn.cudnnGetVersion();
                yield v / 10000 + "." + v % 10000 / 100 + "." + v % 100 + " for CUDA " + JCudnn.cudnnGetCudartVersion() / 1000;
            }
        };
    }

    /** A function of the driver's that is called without JCuda. */
    static SymbolLookup driver() { return Holder.LOADED.driver; }

    /** A function of cuBLASLt. */
    static SymbolLookup blasLt() { return Holder.LOADED.blasLt; }

    /** NVRTC's version, major and minor: part of what identifies a compiled kernel. */
    public static String nvrtcVersion() {
        verifyAvailable();
        return version(Library.NVRTC);
    }

    /** The versions of the driver and of cuDNN: what the speed of its algorithms depends on beside the device. */
    public static String dnnVersions() {
        verifyAvailable();
        return "driver " + version(Library.DRIVER) + ", cuDNN " + version(Library.CUDNN);
    }

    private static Loaded load() {
        LibraryLocator located = LibraryLocator.ofThisMachine();
        SymbolLookup driver = _ -> Optional.empty(), blasLt = driver;
        if (!located.isComplete()) {
            String missing = String.join("\n", located.missing().stream().map(located::absence).toList());
            return new Loaded(located, Optional.of(missing), driver, blasLt, null, 0);
        }
        Path natives = null;
        try {
            for (Library l : Library.values()) {
                Path path = located.found().get(l);
                loadBeside(path, l.beside(located.major()));
                SymbolLookup symbols = SymbolLookup.libraryLookup(path, Arena.global());
                if (l == Library.DRIVER) driver = symbols;
                if (l == Library.CUBLASLT) blasLt = symbols;
            }
            natives = JCudaNatives.load(located.major());
            int[] count = new int[1];
            int status = JCudaDriver.cuInit(0);
            if (status == 0) status = JCudaDriver.cuDeviceGetCount(count);
            int[] version = new int[1];
            if (status == 0) status = JCudaDriver.cuDriverGetVersion(version);
            String fault = status != 0 ? "the driver finds no usable device: cuInit answers " + Status.DRIVER.name(status)
                : count[0] == 0 ? "the driver finds no device" : tooOld(version[0], located.major());
            return new Loaded(located, Optional.ofNullable(fault), driver, blasLt, natives, count[0]);
        } catch (IOException | IllegalArgumentException | IllegalCallerException | LinkageError e) {
            String fault = "CUDA " + located.major() + "'s libraries were found, but not loaded: " + e.getMessage();
            return new Loaded(located, Optional.of(fault), driver, blasLt, natives, 0);
        }
    }

    /** Code and libraries for a version of CUDA run on drivers of that version and later ones; null if the driver is one. */
    static String tooOld(int version, int major) {
        return version / 1000 >= major ? null : "the driver is for CUDA " + version / 1000 + "." + version % 1000 / 10 + ", too old for CUDA " + major
            + "'s libraries: update the driver, or install CUDA " + version / 1000 + "'s libraries";
    }

    /** A library that is loaded already is found by its name, whatever its user's search path is. */
    private static void loadBeside(Path library, List<String> prefixes) throws IOException {
        if (prefixes.isEmpty()) return;
        try (Stream<Path> files = Files.list(library.getParent())) {
            List<Path> needed = files.filter(f -> prefixes.stream().anyMatch(f.getFileName().toString()::startsWith)).sorted().toList();
            for (Path f : needed) SymbolLookup.libraryLookup(f, Arena.global());
        }
    }

    static CUdevice device(int ordinal) {
        CUdevice device = new CUdevice();
        int status = JCudaDriver.cuDeviceGet(device, ordinal);
        if (status != 0) throw new CudaUnsupportedException("there is no device cuda:" + ordinal + "; this machine has " + deviceCount());
        return device;
    }
}
