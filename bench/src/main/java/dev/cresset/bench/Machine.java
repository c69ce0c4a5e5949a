package dev.cresset.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What a reader must know of the machine to judge a result. */
final class Machine {
    private Machine() {}

    /** @param device where Cresset ran, in words; null for the CPU */
    static Map<String, String> describe(String device) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("date", LocalDate.now().toString());
        facts.put("commit", commit());
        facts.put("processors", Runtime.getRuntime().availableProcessors() + " × " + cpuInfo("model name") + ", "
            + (cpuInfo("flags").contains("avx512f") ? "AVX-512" : cpuInfo("flags").contains("avx2") ? "AVX2" : "no AVX2"));
        if (device != null) facts.put("device", device + "; peers and ceiling on the CPU");
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        facts.put("Java", System.getProperty("java.vendor") + " " + System.getProperty("java.version") + ", " + String.join(" ", EngineProcess.FLAGS));
        facts.put("OMP_WAIT_POLICY", Optional.ofNullable(System.getenv("OMP_WAIT_POLICY")).orElse("not set (threads spin for a while)"));
        facts.put("peers", "DJL 0.35.1 with libtorch 2.7.1 (ai.djl.pytorch.num_threads as stated, num_interop_threads 1); "
            + "ONNX Runtime 1.29.0 (all optimisations, spinning threads)");
        return facts;
    }

    private static String cpuInfo(String key) {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream().filter(l -> l.startsWith(key)).findFirst()
                .map(l -> l.substring(l.indexOf(':') + 1).strip()).orElse("unknown");
        } catch (IOException _) {
            return "unknown";
        }
    }

    private static String commit() {
        try {
            Process git = new ProcessBuilder("git", "-C", System.getProperty("cresset.home", "."), "describe", "--always", "--dirty").start();
            String answer = new String(git.getInputStream().readAllBytes()).strip();
            return answer.isEmpty() ? "unknown" : answer;
        } catch (IOException _) {
            return "unknown";
        }
    }
}
