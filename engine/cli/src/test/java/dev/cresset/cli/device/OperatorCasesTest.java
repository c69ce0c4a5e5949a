package dev.cresset.cli.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.cresset.cli.EmulatedProcess;
import dev.cresset.testmodels.TestModels;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every committed case of operators gives PyTorch's results on the emulated device: the first call of each method, or all with
 * {@code -Dcresset.test.calls=all}. What has no kernel there runs on the CPU, and is counted.
 */
class OperatorCasesTest {
    /** Cases that do not pass yet, and why. One that passes again has to leave the list. */
    private static final Map<String, String> KNOWN_FAILURES = Map.of("queries", "tells of the device itself, which is not the CPU that PyTorch ran it on");

    @TestFactory Stream<DynamicTest> cases() throws Exception {
        EmulatedProcess.assumeCompiler();
        EmulatedProcess e = EmulatedProcess.run(OperatorCases.class.getName(), System.getProperty("cresset.test.calls", "first"));
        assertEquals(0, e.code(), e.out() + e.err());
        Map<String, String> results = e.out().lines().filter(l -> l.startsWith("ok ") || l.startsWith("FAILED "))
            .collect(Collectors.toMap(l -> l.split(" ")[1], l -> l));
        List<String> onCpu = e.out().lines().filter(l -> l.startsWith("on the CPU: ")).map(l -> l.substring(12)).toList();
        System.out.println("CUDA: " + onCpu.size() + " operators of the cases ran on the CPU: " + String.join(", ", onCpu));
        return TestModels.names().stream().filter(n -> n.startsWith("opcases/")).map(n -> n.substring(8))
            .map(n -> DynamicTest.dynamicTest(n, () -> check(n, results.get(n))));
    }

    private static void check(String name, String result) {
        if (result == null) fail(name + " did not run");
        String known = KNOWN_FAILURES.get(name);
        if (known == null) assertEquals("ok " + name, result);
        else assertNotEquals("ok " + name, result, "passes again, take it off the list: " + known);
        Assumptions.assumeTrue(known == null, "known failure, does not count as passed: " + known);
    }
}
