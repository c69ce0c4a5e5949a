package dev.cresset.ir.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.diag.CressetException;
import dev.cresset.ir.diag.Flags;
import dev.cresset.ir.diag.VerifyException;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.passes.EliminateDeadCode;
import dev.cresset.ir.schema.TestOperators;
import dev.cresset.ir.text.GraphParser;
import dev.cresset.ir.text.Names;
import dev.cresset.ir.text.ValueText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PipelineTest {
    private static final TestOperators OPERATORS = TestOperators.common();
    private static final Pipeline CLEAN = new Pipeline("clean", List.of(new NamedPass("dce", new EliminateDeadCode())));
    private final Graph graph = GraphParser.parse("""
        graph(%x : Tensor):
          %a : Tensor = aten::exp(%x)
          %b : Tensor = aten::relu(%x)
          %c : Tensor = aten::tanh(%x)
          return (%c)
        """, OPERATORS, Names.placeholders());

    private Graph run(Map<String, String> flags) { return CLEAN.run(graph, OPERATORS, Flags.parse(flags), _ -> { }); }

    @Test void reportsEachPass() {
        List<Pipeline.Report> reports = new ArrayList<>();
        Graph after = CLEAN.run(graph, OPERATORS, Flags.defaults(), reports::add);
        assertEquals(1, after.nodes().size());
        assertEquals(1, reports.size());
        assertEquals(2, reports.getFirst().changes());
        assertSame(after, reports.getFirst().after());
        assertTrue(reports.getFirst().changed());
    }

    @Test void leavesOutAndLimitsPasses() {
        assertSame(graph, run(Map.of("disable", "dce")));
        assertSame(graph, run(Map.of("opt.limit", "dce:0")));
        assertEquals(2, run(Map.of("opt.limit", "dce:1")).nodes().size());
        assertEquals(1, run(Map.of("opt.limit", "other:0")).nodes().size());
    }

    @Test void namesThePassThatBrokeTheGraph() {
        Pass wrong = (g, _) -> g.withBody(g.body().withNodes(g.nodes().subList(0, 2)));
        Pipeline p = new Pipeline("p", List.of(new NamedPass("wrong", wrong)));
        var e = assertThrows(VerifyException.class, () -> p.run(graph, OPERATORS, Flags.parse(Map.of("verify",
            "pass")), _ -> { }));
        assertTrue(e.getMessage().startsWith("after pass 'wrong' the graph is not well formed"), e.getMessage());
        assertEquals(2, p.run(graph, OPERATORS, Flags.parse(Map.of("verify", "off")), _ -> { }).nodes().size());
    }

    @Test void namesThePassThatFailed() {
        Pass failing = (_, _) -> { throw new IllegalStateException("oops"); };
        var e = assertThrows(CressetException.class,
            () -> new Pipeline("p", List.of(new NamedPass("failing", failing))).run(graph, OPERATORS));
        assertTrue(e.getMessage().contains("pass 'failing' failed"), e.getMessage());
    }

    @Test void dumpsWhatChanged(@TempDir Path dir) throws IOException {
        Flags flags = Flags.parse(Map.of("dump", "passes", "dump.dir", dir.toString()));
        CLEAN.run(graph, OPERATORS, flags, new PassDump(flags, ValueText.NONE, _ -> { }));
        String text = Files.readString(dir.resolve("0000-clean-dce.ir"));
        assertTrue(text.contains("aten::tanh") && !text.contains("aten::exp"), text);

        Flags only = Flags.parse(Map.of("dump", "passes", "dump.only", "inline"));
        List<String> shown = new ArrayList<>();
        CLEAN.run(graph, OPERATORS, only, new PassDump(only, ValueText.NONE, shown::add));
        assertTrue(shown.isEmpty());
        assertFalse(dir.resolve("0001-clean-dce.ir").toFile().exists());
    }
}
