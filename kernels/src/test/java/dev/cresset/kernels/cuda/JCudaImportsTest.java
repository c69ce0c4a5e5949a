package dev.cresset.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** JCuda is seen by the driver package alone, and does not show in its interface. */
class JCudaImportsTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final String DRIVER = "kernels/src/main/java/dev/cresset/kernels/cuda/driver/";

    private static List<Path> sources(String folder) throws IOException {
        try (Stream<Path> files = Files.walk(ROOT.resolve(folder))) {
            return files.filter(f -> f.toString().endsWith(".java")).toList();
        }
    }

    private static boolean mentionsJCuda(Path file) {
        try {
            return Files.readString(file).lines().anyMatch(l -> l.matches("(import .*|.*[^\\w.])jcuda\\.\\w+\\..*") || l.matches("import (static )?jcuda\\..*"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test void onlyTheDriverPackageSeesIt() throws IOException {
        for (String module : List.of("ir", "kernels", "profiler", "engine", "bench")) {
            for (Path file : sources(module)) {
                String name = ROOT.relativize(file).toString().replace('\\', '/');
                boolean allowed = name.startsWith(DRIVER) || name.startsWith(DRIVER.replace("/main/", "/test/"));
                if (!allowed) assertFalse(mentionsJCuda(file), name);
            }
        }
    }

    @Test void noTypeOfItIsPublic() throws IOException {
        List<String> shown = sources(DRIVER).stream().flatMap(f -> {
            try {
                return Files.readAllLines(f).stream();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }).filter(l -> l.matches("\\s+public .*\\b(CU[a-z]\\w+|cud\\w+_t|cudnn[A-Z]\\w+|cublasHandle|nvrtcProgram|Pointer)\\b [a-z].*")).toList();
        assertEquals(List.of(), shown);
    }
}
