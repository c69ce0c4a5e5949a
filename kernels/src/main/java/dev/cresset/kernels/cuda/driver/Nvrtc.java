package dev.cresset.kernels.cuda.driver;

import java.util.List;
import java.util.stream.Stream;
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcProgram;

/** Compiles CUDA C to code for one architecture. Needs no device and no context, and any thread may call it. */
public final class Nvrtc {
    private static final int COMPILATION_FAILED = 6;

    private Nvrtc() {}

    /**
     * Compiles. The code depends on nothing but the arguments and {@link Cuda#nvrtcVersion()}.
     *
     * @param name         what messages call the source, {@code relu.cu}
     * @param architecture {@code sm_90}
     * @param options      further options of NVRTC's, {@code --fmad=false}
     * @return a cubin
     * @throws KernelCompileException with NVRTC's messages, if the source is refused
     */
    public static byte[] compile(String name, String source, String architecture, List<String> options) {
        Cuda.verifyAvailable();
        String[] all = Stream.concat(Stream.of("-arch=" + architecture), options.stream()).toArray(String[]::new);
        nvrtcProgram program = new nvrtcProgram();
        check(JNvrtc.nvrtcCreateProgram(program, source, name, 0, null, null), "nvrtcCreateProgram");
        try {
            int status = JNvrtc.nvrtcCompileProgram(program, all.length, all);
            if (status != 0) {
                String[] log = new String[1];
                check(JNvrtc.nvrtcGetProgramLog(program, log), "nvrtcGetProgramLog");
                if (status == COMPILATION_FAILED || !log[0].isBlank()) {
                    throw new KernelCompileException(name, Status.NVRTC.name(status), log[0], source);
                }
                check(status, "nvrtcCompileProgram of " + name + " with " + List.of(all));
            }
            long[] size = new long[1];
            check(JNvrtc.nvrtcGetCUBINSize(program, size), "nvrtcGetCUBINSize");
            byte[] cubin = new byte[Math.toIntExact(size[0])];
            check(JNvrtc.nvrtcGetCUBIN(program, cubin), "nvrtcGetCUBIN");
            return cubin;
        } finally {
            check(JNvrtc.nvrtcDestroyProgram(program), "nvrtcDestroyProgram");
        }
    }

    private static void check(int status, String call) {
        if (status != 0) throw new CudaCallException(call + " answers " + Status.NVRTC.name(status));
    }
}
