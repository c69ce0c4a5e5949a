package dev.cresset.kernels.cuda.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The libraries of NVIDIA's that Cresset uses. */
enum Library {
    DRIVER("CUDA driver", "libcuda.so.1", "nvcuda.dll", List.of(), "install the NVIDIA driver (nvidia-smi must work)"),
    NVRTC("NVRTC", "libnvrtc.so.%d", "nvrtc64_%d0_0.dll", List.of("libnvrtc-builtins.so.%d"),
        "install CUDA's package cuda-nvrtc-%s, or: pip install nvidia-cuda-nvrtc%s"),
    /** Before cuBLAS, which needs it. */
    CUBLASLT("cuBLASLt", "libcublasLt.so.%d", "cublasLt64_%d.dll", List.of(), "install CUDA's package libcublas-%s, or: pip install nvidia-cublas%s"),
    CUBLAS("cuBLAS", "libcublas.so.%d", "cublas64_%d.dll", List.of(), "install CUDA's package libcublas-%s, or: pip install nvidia-cublas%s"),
    CUDNN("cuDNN", "libcudnn.so.9", "cudnn64_9.dll", List.of(),
        "install NVIDIA's package libcudnn9-cuda-%s, or: pip install nvidia-cudnn%s");

    /** The versions of CUDA that the bindings fit, the preferred one first: the natives are made for 12. */
    static final List<Integer> MAJORS = List.of(12, 13);

    private final String title;
    private final String onLinux;
    private final String onWindows;
    private final List<String> first;
    private final String advice;

    Library(String title, String onLinux, String onWindows, List<String> first, String advice) {
        this.title = title;
        this.onLinux = onLinux;
        this.onWindows = onWindows;
        this.first = first;
        this.advice = advice;
    }

    String title() { return title; }

    /** The name of its file, which on Linux is also how others ask for it. */
    String file(int major) { return String.format(isWindows() ? onWindows : onLinux, major); }

    /** How the names of files begin that it needs itself and that lie beside it. */
    List<String> beside(int major) {
        return isWindows() ? List.of() : first.stream().map(f -> String.format(f, major)).toList();
    }

    /** What to do where it is missing. */
    String advice(int major) {
        boolean isFirst = major == MAJORS.getFirst();
        if (this == CUDNN) return String.format(advice, major, "-cu" + major);
        return String.format(advice, isFirst ? "12-6" : major + "-0", isFirst ? "-cu12" : "");   // the wheels' names changed with 13
    }

    /** True if each version of CUDA has its own. */
    boolean isVersioned() { return this == NVRTC || this == CUBLASLT || this == CUBLAS; }

    /** The version of CUDA that a file of cuDNN is made for; 0 if it cannot be loaded or does not say. */
    static int majorOfDnn(Path file) {
        try {
            return SymbolLookup.libraryLookup(file, Arena.global()).find("cudnnGetCudartVersion")
                .map(f -> Linker.nativeLinker().downcallHandle(f, FunctionDescriptor.of(ValueLayout.JAVA_LONG))).map(f -> {
                    try {
                        return (int) ((long) f.invokeExact() / 1000);
                    } catch (Throwable t) {
                        throw new IllegalStateException("cudnnGetCudartVersion cannot be called", t);
                    }
                }).orElse(0);
        } catch (IllegalArgumentException e) {
            return 0;
        }
    }

    /** The system property that names the file. */
    String property() { return "cresset.cuda." + name().toLowerCase(java.util.Locale.ROOT); }

    Optional<String> named() { return Optional.ofNullable(System.getProperty(property())); }

    static boolean isWindows() { return System.getProperty("os.name").startsWith("Windows"); }
}
