package dev.cresset.kernels.cuda.code;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NvccTest {
    @TempDir Path folder;

    @Test void reportsOfKernelsAreReadAndThoseOfOtherFunctionsLeftOut() {
        String said = """
            ptxas info    : 24 bytes gmem, 8 bytes cmem[4]
            ptxas info    : Compiling entry function 'small' for 'sm_75'
            ptxas info    : Function properties for small
                0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
            ptxas info    : Used 20 registers, used 0 barriers, 360 bytes cmem[0], 8 bytes cmem[2]
            ptxas info    : Compile time = 16.480 ms
            ptxas info    : Compiling entry function 'large' for 'sm_90'
            ptxas info    : Function properties for __internal_trig_reduction
                40 bytes stack frame, 8 bytes spill stores, 8 bytes spill loads
            ptxas info    : Function properties for large
                64 bytes stack frame, 16 bytes spill stores, 24 bytes spill loads
            ptxas info    : Used 255 registers, used 1 barriers, 512 bytes smem
            """;
        assertEquals(List.of(new Nvcc.Resources("small", "sm_75", 20, 0, 0, 0, 0), new Nvcc.Resources("large", "sm_90", 255, 512, 64, 16, 24)), Nvcc.read(said));
    }

    @Test void thePathGoesBeforeTheToolkitsFolder() throws IOException {
        Path home = Files.createDirectories(folder.resolve("cuda")), onPath = Files.createDirectories(folder.resolve("bin"));
        Path ofHome = program(Files.createDirectories(home.resolve("bin")));
        assertEquals(Optional.of(new Nvcc(ofHome)), Nvcc.find(Map.of("PATH", onPath.toString(), "CUDA_HOME", home.toString())));
        Path first = program(onPath);
        assertEquals(Optional.of(new Nvcc(first)), Nvcc.find(Map.of("PATH", onPath.toString(), "CUDA_HOME", home.toString())));
    }

    private static Path program(Path folder) throws IOException {
        Path p = Files.createFile(folder.resolve("nvcc"));
        assertEquals(true, p.toFile().setExecutable(true));
        return p;
    }
}
