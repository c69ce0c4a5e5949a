package dev.cresset.kernels.cuda.code;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Runs kernel texts on the emulated driver and NVRTC, without the driver package: compiles a module, launches, waits. */
final class EmulatedGpu {
    private static final Linker LINKER = Linker.nativeLinker();
    private static EmulatedGpu instance;

    private final SymbolLookup driver, nvrtc;

    /** A loaded module; lives until the process ends. */
    final class Module {
        private final MemorySegment handle;

        private Module(MemorySegment handle) { this.handle = handle; }

        /** Launches a kernel with one by-value parameter made of these slots, and waits for it. */
        void run(String entry, int blocks, int threads, long[] slots) {
            if (blocks == 0) return;
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment function = arena.allocate(ADDRESS);
                call(driver, "cuModuleGetFunction", function, handle, arena.allocateFrom(entry));
                MemorySegment struct = arena.allocateFrom(JAVA_LONG, slots);
                MemorySegment parameters = arena.allocate(ADDRESS);
                parameters.set(ADDRESS, 0, struct);
                call(driver, "cuLaunchKernel", function.get(ADDRESS, 0), blocks, 1, 1, threads, 1, 1, 0, MemorySegment.NULL, parameters,
                    MemorySegment.NULL);
                call(driver, "cuCtxSynchronize");
            } catch (AssertionError e) {
                throw new AssertionError("kernel " + entry, e);
            }
        }
    }

    /** What is missing, or nothing. */
    static Optional<String> missing() {
        if (folder() == null) return Optional.of("this checkout has no sources of the CUDA emulation");
        return Processes.onPath("g++") ? Optional.empty() : Optional.of("there is no g++ on the PATH");
    }

    static synchronized EmulatedGpu instance() {
        try {
            if (instance == null) instance = new EmulatedGpu(build(folder()));
            return instance;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path folder() {
        Path at = Path.of(System.getProperty("cresset.cuda.emulation", "src/test/cuda-emulation"));
        return Files.isDirectory(at) ? at.toAbsolutePath() : null;
    }

    private static Path build(Path sources) throws IOException {
        Path out = Files.createTempDirectory("cresset-emulated-gpu");
        Path include = Files.createDirectory(out.resolve("include"));
        for (Path p : files(sources.resolve("include"), "")) Files.copy(p, include.resolve(p.getFileName()));
        compile(out, "libcuda.so.1", files(sources.resolve("driver"), ".cpp"), List.of());
        compile(out, "libnvrtc.so.12", files(sources.resolve("nvrtc"), ".cpp"), List.of(out.resolve("libcuda.so.1").toString()));
        return out;
    }

    private static List<Path> files(Path folder, String suffix) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(p -> p.toString().endsWith(suffix)).sorted().toList();
        }
    }

    private static void compile(Path out, String name, List<Path> sources, List<String> libraries) {
        List<String> command = new ArrayList<>(List.of("g++", "-std=c++17", "-O1", "-fPIC", "-shared", "-pthread", "-w", "-o",
            out.resolve(name).toString(), "-Wl,-soname," + name));
        sources.forEach(p -> command.add(p.toString()));
        command.addAll(libraries);
        command.addAll(List.of("-ldl", "-Wl,-rpath,$ORIGIN"));
        Processes.run(out, command);
    }

    private EmulatedGpu(Path libraries) {
        driver = SymbolLookup.libraryLookup(libraries.resolve("libcuda.so.1"), Arena.global());
        nvrtc = SymbolLookup.libraryLookup(libraries.resolve("libnvrtc.so.12"), Arena.global());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment context = arena.allocate(ADDRESS);
            call(driver, "cuInit", 0);
            call(driver, "cuDevicePrimaryCtxRetain", context, 0);
            call(driver, "cuCtxSetCurrent", context.get(ADDRESS, 0));
        }
    }

    /** Compiles the prelude and these sources to a module. */
    Module module(String sources) { return whole(Prelude.text() + sources); }

    /** Compiles a translation unit. */
    Module whole(String unit) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment program = arena.allocate(ADDRESS), size = arena.allocate(JAVA_LONG);
            call(nvrtc, "nvrtcCreateProgram", program, arena.allocateFrom(unit), arena.allocateFrom("test.cu"), 0, MemorySegment.NULL,
                MemorySegment.NULL);
            MemorySegment p = program.get(ADDRESS, 0), options = arena.allocate(ADDRESS);
            options.set(ADDRESS, 0, arena.allocateFrom("--gpu-architecture=sm_80"));
            int status = status(nvrtc, "nvrtcCompileProgram", p, 1, options);
            if (status != 0) throw new AssertionError(log(p, arena));
            call(nvrtc, "nvrtcGetCUBINSize", p, size);
            MemorySegment cubin = arena.allocate(size.get(JAVA_LONG, 0)), module = arena.allocate(ADDRESS);
            call(nvrtc, "nvrtcGetCUBIN", p, cubin);
            call(driver, "cuModuleLoadData", module, cubin);
            return new Module(module.get(ADDRESS, 0));
        }
    }

    private String log(MemorySegment program, Arena arena) {
        MemorySegment size = arena.allocate(JAVA_LONG);
        call(nvrtc, "nvrtcGetProgramLogSize", program, size);
        MemorySegment log = arena.allocate(size.get(JAVA_LONG, 0));
        call(nvrtc, "nvrtcGetProgramLog", program, log);
        return log.getString(0);
    }

    private static void call(SymbolLookup library, String name, Object... arguments) {
        int status = status(library, name, arguments);
        if (status != 0) throw new AssertionError(name + " returned " + status);
    }

    private static int status(SymbolLookup library, String name, Object... arguments) {
        MemoryLayout[] types = new MemoryLayout[arguments.length];
        for (int i = 0; i < types.length; i++) types[i] = arguments[i] instanceof Integer ? JAVA_INT : ADDRESS;
        try {
            return (int) LINKER.downcallHandle(library.find(name).orElseThrow(), FunctionDescriptor.of(JAVA_INT, types)).invokeWithArguments(arguments);
        } catch (Throwable t) {
            throw new AssertionError(name, t);
        }
    }
}
