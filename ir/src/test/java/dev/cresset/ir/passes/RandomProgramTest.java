package dev.cresset.ir.passes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.diag.Flags;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.rewrite.NamedPass;
import dev.cresset.ir.rewrite.Pipeline;
import dev.cresset.ir.schema.TestOperators;
import dev.cresset.ir.text.GraphParser;
import dev.cresset.ir.text.GraphPrinter;
import dev.cresset.ir.text.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Random programs give the same results, leave the same inputs behind and print the same, before and after the
 * passes.
 */
class RandomProgramTest {
    private static final TestOperators OPERATORS = TestOperators.common();
    private static final int PROGRAMS = Integer.getInteger("random.programs", 200);
    private static final Flags CHECKED = Flags.parse(Map.of("verify", "pass"));
    private static final Pipeline SIMPLIFY = Pipelines.simplify(MiniInterpreter::compute);

    private static String behaviour(Graph g, boolean b) {
        List<Object> list = new ArrayList<>(List.of(7L, 8L));
        MiniInterpreter interpreter = new MiniInterpreter();
        List<Object> results = interpreter.run(g, List.of(3L, -2L, b, list));
        boolean same = results.get(2) == results.get(3); // one list or two that look alike
        return results + " same=" + same + ", input " + list + ", printed " + interpreter.printed;
    }

    @Test void passesKeepWhatAProgramDoes() {
        long changes = 0;
        for (long seed = 0; seed < PROGRAMS; seed++) {
            String text = new RandomPrograms(seed).program(5 + (int) (seed % 20));
            Graph before = GraphParser.parse(text, OPERATORS, Names.placeholders());
            String where = "seed " + seed + ":\n" + text;
            List<NamedPass> passes = SIMPLIFY.passes();
            Graph now = before;
            for (NamedPass pass : passes) {
                Graph after = new Pipeline("one", List.of(pass)).run(now, OPERATORS, CHECKED, _ -> { });
                for (boolean b : new boolean[] {false, true}) {
                    assertEquals(behaviour(before, b), behaviour(after, b), () -> "pass " + pass.name() + ", " + where);
                }
                if (after != now) changes++;
                now = after;
            }
            String printed = GraphPrinter.print(now);
            assertEquals(printed, GraphPrinter.print(GraphParser.parse(printed, OPERATORS, Names.placeholders())),
                where);
        }
        assertTrue(changes > PROGRAMS, "the programs give the passes nothing to do: " + changes + " changes");
    }
}
