package dev.cresset;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.text.GraphParser;
import dev.cresset.ir.text.GraphPrinter;
import dev.cresset.ir.type.Type;
import dev.cresset.ir.verify.Verifier;
import dev.cresset.testmodels.TestModels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Every graph of every test model prints as text that reads back to the same text, and is well formed before and after preparation. */
class ModelGraphsTest {
    @Test void graphsOfAllTestModelsRoundTrip() throws IOException {
        List<Executable> checks = new ArrayList<>();
        try (TestModels models = TestModels.open(); Engine engine = Engine.create()) {
            for (String name : models.names()) {
                Program program = engine.load(models.folder(name).resolve(modelFile(models, name)));
                Function<String, Type> types = t -> program.loaded().unit().findType(t).orElse(null);
                for (String method : program.methods()) {
                    checks.add(() -> check(name + "." + method, program.graph(method), engine, types));
                    checks.add(() -> check(name + "." + method + " prepared", program.preparedGraph(method), engine, types));
                }
            }
            assertAll(checks);
        }
    }

    private static String modelFile(TestModels models, String name) throws IOException {
        String json = java.nio.file.Files.readString(models.folder(name).resolve("case.json"));
        return json.replaceFirst("(?s).*?\"model\"\\s*:\\s*\"([^\"]+)\".*", "$1");
    }

    private static void check(String what, Graph graph, Engine engine, Function<String, Type> types) {
        Verifier.verify(graph);
        String text = GraphPrinter.print(graph);
        Graph read = GraphParser.parse(text, engine.catalog(), types);
        assertEquals(text, GraphPrinter.print(read), what);
    }
}
