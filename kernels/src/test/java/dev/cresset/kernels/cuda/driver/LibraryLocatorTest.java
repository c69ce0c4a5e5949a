package dev.cresset.kernels.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibraryLocatorTest {
    @TempDir private Path root;

    private Path put(String path) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, "");
    }

    private LibraryLocator locate(Map<String, String> environment, Map<String, Path> cache) {
        return locate(environment, cache, 0);
    }

    private LibraryLocator locate(Map<String, String> environment, Map<String, Path> cache, int majorOfDnn) {
        return LibraryLocator.choose(new LibraryFolders(environment, root, cache), _ -> majorOfDnn);
    }

    private LibraryLocator locate() { return locate(Map.of(), Map.of()); }

    private void assertFound(Path file, LibraryLocator in, Library l) { assertEquals(file.toAbsolutePath(), in.found().get(l)); }

    @Test void nothingIsThere() {
        LibraryLocator none = locate();
        assertFalse(none.isComplete());
        assertEquals(List.of("CUDA driver: libcuda.so.1 not found; install the NVIDIA driver (nvidia-smi must work)",
            "NVRTC: libnvrtc.so.12 not found; install CUDA's package cuda-nvrtc-12-6, or: pip install nvidia-cuda-nvrtc-cu12",
            "cuBLASLt: libcublasLt.so.12 not found; install CUDA's package libcublas-12-6, or: pip install nvidia-cublas-cu12",
            "cuBLAS: libcublas.so.12 not found; install CUDA's package libcublas-12-6, or: pip install nvidia-cublas-cu12",
            "cuDNN: libcudnn.so.9 not found; install NVIDIA's package libcudnn9-cuda-12, or: pip install nvidia-cudnn-cu12"),
            none.missing().stream().map(none::absence).toList());
    }

    @Test void anInstalledToolkit() throws IOException {
        Path driver = put("usr/lib/x86_64-linux-gnu/libcuda.so.1"), nvrtc = put("usr/local/cuda/lib64/libnvrtc.so.12");
        Path cublas = put("usr/local/cuda/targets/x86_64-linux/lib/libcublas.so.12"), cudnn = put("usr/lib/x86_64-linux-gnu/libcudnn.so.9");
        Path cublasLt = put("usr/local/cuda/targets/x86_64-linux/lib/libcublasLt.so.12");
        LibraryLocator found = locate();
        assertTrue(found.isComplete());
        assertEquals(12, found.major());
        assertFound(driver, found, Library.DRIVER);
        assertFound(nvrtc, found, Library.NVRTC);
        assertFound(cublas, found, Library.CUBLAS);
        assertFound(cublasLt, found, Library.CUBLASLT);
        assertFound(cudnn, found, Library.CUDNN);
    }

    @Test void onlyCuda13() throws IOException {
        put("usr/local/cuda-12.4/lib64/libnvrtc.so.12");
        Path nvrtc = put("usr/local/cuda-13.0/lib64/libnvrtc.so.13"), cublas = put("usr/local/cuda-13.0/lib64/libcublas.so.13");
        LibraryLocator found = locate();
        assertEquals(13, found.major(), "of 12 there is only a part");
        assertFound(nvrtc, found, Library.NVRTC);
        assertFound(cublas, found, Library.CUBLAS);
        assertEquals("cuDNN: libcudnn.so.9 not found; install NVIDIA's package libcudnn9-cuda-13, or: pip install nvidia-cudnn-cu13",
            found.absence(Library.CUDNN));
    }

    @Test void ofTwoVersionsTheOneThatDnnIsMadeFor() throws IOException {
        for (String l : List.of("libnvrtc", "libcublas", "libcublasLt")) {
            put("usr/local/cuda-12.6/lib64/" + l + ".so.12");
            put("venv/lib/python3.12/site-packages/nvidia/cu13/lib/" + l + ".so.13");
        }
        Map<String, String> environment = Map.of("VIRTUAL_ENV", root.resolve("venv").toString());
        assertEquals(12, locate(environment, Map.of(), 13).major(), "there is no cuDNN");
        put("venv/lib/python3.12/site-packages/nvidia/cudnn/lib/libcudnn.so.9");
        assertEquals(13, locate(environment, Map.of(), 13).major());
        assertEquals(12, locate(environment, Map.of(), 12).major());
        assertEquals(12, locate(environment, Map.of(), 0).major(), "it does not say");
    }

    @Test void driversOfFormerVersionsAreTooOld() {
        assertEquals(null, Cuda.tooOld(12060, 12));
        assertEquals(null, Cuda.tooOld(13000, 12));
        assertEquals("the driver is for CUDA 12.8, too old for CUDA 13's libraries: update the driver, or install CUDA 12's libraries", Cuda.tooOld(12080, 13));
    }

    @Test void pythonWheels() throws IOException {
        Path nvrtc = put("venv/lib/python3.12/site-packages/nvidia/cuda_nvrtc/lib/libnvrtc.so.12");
        Path cublas = put("venv/lib/python3.12/site-packages/nvidia/cublas/lib/libcublas.so.12");
        Path cudnn = put("usr/local/lib/python3.11/dist-packages/nvidia/cudnn/lib/libcudnn.so.9");
        LibraryLocator found = locate(Map.of("VIRTUAL_ENV", root.resolve("venv").toString()), Map.of());
        assertFound(nvrtc, found, Library.NVRTC);
        assertFound(cublas, found, Library.CUBLAS);
        assertFound(cudnn, found, Library.CUDNN);
    }

    @Test void thePythonOnThePathAndCuda13sWheels() throws IOException {
        put("py/bin/python3");
        Path cublas = put("py/lib/python3.13/site-packages/nvidia/cu13/lib/libcublas.so.13");
        assertFound(cublas, locate(Map.of("PATH", root.resolve("py/bin").toString()), Map.of()), Library.CUBLAS);
    }

    @Test void environmentComesFirst() throws IOException {
        put("usr/local/cuda/lib64/libnvrtc.so.12");
        Path home = put("home/lib64/libnvrtc.so.12"), path = put("path/libcublas.so.12"), cached = put("cached/libcuda.so.1");
        LibraryLocator found = locate(Map.of("CUDA_HOME", root.resolve("home").toString(), "LD_LIBRARY_PATH", root.resolve("path") + ":/absent"),
            Map.of("libcuda.so.1", cached));
        assertFound(home, found, Library.NVRTC);
        assertFound(path, found, Library.CUBLAS);
        assertFound(cached, found, Library.DRIVER);
    }
}
