package dev.cresset.ir.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.diag.CressetException;
import dev.cresset.ir.diag.Flags;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.rewrite.NamedPass;
import dev.cresset.ir.rewrite.Pass;
import dev.cresset.ir.rewrite.Pipeline;
import dev.cresset.ir.schema.OperatorTable;
import dev.cresset.ir.text.GraphPrinter;
import dev.cresset.ir.verify.Verifier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * Runs golden files: {@code golden/<pass>/<case>.ir} below a module's test resources. With {@code -Dgolden.update=true}
 * the expected parts are written anew instead of compared; the diff is the review.
 */
public final class GoldenTests {
    private GoldenTests() {}

    /**
     * One test for each file.
     *
     * @param module folder of the module, {@code ir}; tests run in it or in the folder above
     * @param passes what the files may name
     */
    public static Stream<DynamicTest> of(String module, Map<String, Pass> passes, OperatorTable operators) {
        Path inModule = Path.of("src/test/resources/golden");
        Path root = Files.isDirectory(inModule) ? inModule : Path.of(module).resolve(inModule);
        List<Path> files;
        try (Stream<Path> all = Files.walk(root)) {
            files = all.filter(p -> p.toString().endsWith(".ir")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list the golden files below " + root.toAbsolutePath(), e);
        }
        assertTrue(!files.isEmpty(), "there are no golden files below " + root.toAbsolutePath());
        return files.stream().map(f -> DynamicTest.dynamicTest(root.relativize(f).toString(), () -> check(f, passes,
            operators)));
    }

    private static void check(Path file, Map<String, Pass> passes, OperatorTable operators) throws IOException {
        GoldenFile golden = new GoldenFile(Files.readString(file), operators);
        Verifier.verify(golden.input);
        Graph result = run(golden, passes, operators);
        String text = GraphPrinter.print(result);
        if (Boolean.getBoolean("golden.update")) {
            if (System.getenv("CI") != null) {
                throw new CressetException("golden files are not updated in CI: run the update locally");
            }
            Files.writeString(file, golden.head + GoldenFile.SEPARATOR + text);
            return;
        }
        assertEquals(golden.expected, text, file + " differs; if the new text is right, run with -Dgolden.update=true");
        if (GraphPrinter.print(golden.input).equals(text)) {
            assertTrue(result == golden.input, "nothing changed, so the passes must return the same instance");
        }
    }

    private static Graph run(GoldenFile golden, Map<String, Pass> passes, OperatorTable operators) {
        List<NamedPass> listed = new ArrayList<>();
        for (String name : golden.passes) {
            Pass pass = passes.get(name);
            if (pass == null) {
                throw new CressetException("there is no pass '" + name + "'; known are " + passes.keySet());
            }
            listed.add(new NamedPass(name, pass));
        }
        return new Pipeline("golden", listed).run(golden.input, operators, Flags.parse(Map.of("verify", "pass")),
            _ -> { });
    }
}
