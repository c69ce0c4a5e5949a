package dev.cresset.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code doctor} in processes of its own, as a process loads CUDA's libraries once. */
class DoctorTest {
    private static final Path EMULATION = Path.of("../../kernels/src/test/cuda-emulation/build.sh");
    private static final Path BUILT = Path.of("../../kernels/target/cuda-emulation");

    @TempDir private Path temp;

    private record Ran(int code, String out) {}

    private static Ran run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ran(process.waitFor(), out);
    }

    private static Ran doctor(Path emulation, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED", "-Dcresset.cuda.emulation=" + emulation, "-cp", System.getProperty("java.class.path"),
            "dev.cresset.cli.Main", "doctor"));
        command.addAll(List.of(arguments));
        return run(command);
    }

    @Test void saysWhatToInstallWhereCudaIsMissing() throws Exception {
        Ran ran = doctor(temp, "--device", "cuda");
        assertEquals(1, ran.code, ran.out);
        assertTrue(ran.out.contains("""
            FAULT    CUDA driver  libcuda.so.1 not found; install the NVIDIA driver (nvidia-smi must work)
            FAULT    NVRTC        libnvrtc.so.12 not found; install CUDA's package cuda-nvrtc-12-6, or: pip install nvidia-cuda-nvrtc-cu12
            FAULT    cuBLASLt     libcublasLt.so.12 not found; install CUDA's package libcublas-12-6, or: pip install nvidia-cublas-cu12
            FAULT    cuBLAS       libcublas.so.12 not found; install CUDA's package libcublas-12-6, or: pip install nvidia-cublas-cu12
            FAULT    cuDNN        libcudnn.so.9 not found; install NVIDIA's package libcudnn9-cuda-12, or: pip install nvidia-cudnn-cu12
            Models cannot run on a CUDA device here; see what is marked FAULT.
            """), ran.out);
    }

    @Test void aMachineWithoutCudaIsHealthyForTheCpu() throws Exception {
        Ran ran = doctor(temp);
        assertEquals(0, ran.code, ran.out);
        assertTrue(ran.out.contains("missing  cuDNN "), ran.out);
    }

    @Test void triesTheDevice() throws Exception {
        Ran build = run(List.of(EMULATION.toString(), BUILT.toString()));
        assumeTrue(build.code != 3, "CUDA is not emulated: there is no g++");
        Ran ran = doctor(Path.of(build.out.strip()), "--device", "cuda");
        assertEquals(0, ran.code, ran.out);
        assertTrue(ran.out.contains("ok       CUDA driver  for CUDA 12.6, "), ran.out);
        assertTrue(ran.out.contains("ok       cuda:0       Emulated device, sm_80, 4.0 GiB, 4.0 GiB free; a kernel, cuBLAS and cuDNN work"), ran.out);
    }

    @Test void refusesOtherDevices() {
        assertEquals(2, Cli.run("doctor", "--device", "tpu").code());
    }

    @Test void kernelsAreCompiledForCudaAlone() {
        Cli r = Cli.run("doctor", "--compile");
        assertEquals(2, r.code());
        assertTrue(r.err().contains("--compile needs --device cuda"), r.err());
    }
}
