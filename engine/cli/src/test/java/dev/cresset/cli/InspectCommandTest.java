package dev.cresset.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cresset.Engine;
import dev.cresset.LoadReport;
import dev.cresset.Program;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class InspectCommandTest {
    @Test void summaryNamesWhatMatters() {
        String out = inspect("digits");
        assertTrue(out.contains("38,378 parameters"), out);
        assertTrue(out.contains("forward(Tensor image) -> Tensor"), out);
        assertTrue(inspect("archives/model-json").contains("model.json), version 1"));
    }

    @Test void treeShowsShapesAndCounts() {
        String out = inspect("digits", "--tree");
        assertTrue(out.startsWith("(main)  DigitClassifier  38,378 parameters\n  stem  Sequential  192 parameters\n"),
            out);
        assertTrue(out.contains("\n      weight  f32[16,1,3,3]\n"), out);
        assertTrue(out.contains("running_mean  f32[16]  (buffer)"), out);
    }

    @Test void graphsAsCompiledAndAsRun() {
        assertTrue(inspect("digits", "--graph").contains("prim::CallMethod[name=\"forward\"]"));
        String inlined = inspect("digits", "--graph", "forward", "--inlined");
        assertTrue(inlined.contains("aten::conv2d(") && !inlined.contains("prim::CallMethod"), inlined);
    }

    @Test void showsCode() {
        assertTrue(inspect("digits", "--code").startsWith("# code/__torch__.py\nclass DigitClassifier(Module):\n"));
    }

    @Test void listsOperatorsWithCounts() throws IOException {
        assertTrue(inspect("digits", "--ops").contains("     2  aten::conv2d\n"));
        JsonNode json = new ObjectMapper().readTree(inspect("digits", "--json"));
        assertEquals(38378, json.get("parameters").asInt());
        assertTrue(json.get("operators").size() > 10);
    }

    @Test void reportKnowsTheUsersOwnLines() {
        try (Engine engine = Engine.create(); Program program = engine.load(Cli.model("digits"))) {
            LoadReport report = program.report();
            LoadReport.Use linear = report.operators().stream().filter(u -> u.operator().equals("aten::linear"))
                .findFirst().orElseThrow();
            assertEquals(2, linear.places().size());
            assertTrue(linear.firstPlace().contains("linear.py:"), linear.firstPlace());
            assertTrue(program.report(java.util.List.of("none")).operators().isEmpty());
        }
    }

    private static String inspect(String name, Object... options) {
        Object[] args = new Object[options.length + 2];
        args[0] = "inspect";
        args[1] = Cli.model(name);
        System.arraycopy(options, 0, args, 2, options.length);
        Cli run = Cli.run(args);
        assertEquals(0, run.code(), run.err());
        return run.out();
    }
}
