package dev.cresset.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The faults of the GPU acceptance on the emulated device, each in a process of its own. */
class FaultCheckTest {
    private static final Path KERNELS = Path.of("../kernels").toAbsolutePath().normalize();
    private static final int NO_COMPILER = 3;
    private static String emulation;

    private record Ran(int code, String out) {}

    private static Ran run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ran(process.waitFor(), out.strip());
    }

    @BeforeAll static void emulate() throws Exception {
        Ran build = run(List.of(KERNELS.resolve("src/test/cuda-emulation/build.sh").toString(), KERNELS.resolve("target/cuda-emulation").toString()));
        Assumptions.assumeTrue(build.code != NO_COMPILER, "CUDA is not emulated: there is no g++ on the PATH");
        assertEquals(0, build.code, build.out);
        emulation = build.out;
    }

    @ParameterizedTest @EnumSource void isReportedAsItMust(Fault fault) throws Exception {
        Ran ran = run(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED",
            "-Dcresset.cuda.emulation=" + emulation, "-cp", System.getProperty("java.class.path"), FaultCheck.class.getName(), fault.title()));
        JsonNode json = new ObjectMapper().readTree(ran.out);
        assertTrue(json.path("ok").asBoolean(), ran.out);
        assertEquals(0, ran.code);
        assertEquals(fault.title(), json.path("fault").asText());
    }
}
