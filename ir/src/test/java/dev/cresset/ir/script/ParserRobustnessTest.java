package dev.cresset.ir.script;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.cresset.ir.diag.ScriptException;
import dev.cresset.ir.graph.Source;
import dev.cresset.ir.script.ast.Expr;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Hostile texts: deep, long, or damaged. */
class ParserRobustnessTest {
    private static final int SEED = 20_240_607;
    private static final int ROUNDS = 2000;
    private static final int SMALL_STACK = 768 << 10;
    private static final String PROGRAM = """
            class M(Module):
              __parameters__ = ["w", ]
              w : Tensor
              def forward(self: __torch__.M, x: Tensor, *, k: int=-1) -> Tuple[Tensor, int]:
                # type: (Tensor, int) -> Tuple[Tensor, int]
                xs = annotate(List[int], [i ** 2 for i in range(k)])
                while not k < 3 <= 4 or x[1:, ..., None] is not None:
                  k -= 0x1f if f"{k} {{}}" != "\\x41\\n" 'b' else 1.5e-3j
                for i, (a, *b) in {"a": 1.}:
                  with c as d: del xs[0]; break
                if k: assert x, "m"
                elif j: raise E("m")
                else:
                  return (x).forward(*xs, dim=1, ), 2
            """;

    private static void refusesAsTooDeep(String text) throws InterruptedException {
        Throwable[] thrown = new Throwable[1];
        Thread thread = new Thread(null, () -> {
            try {
                Parser.parse(new Source("m.py", text));
            } catch (Throwable t) {
                thrown[0] = t;
            }
        }, "small stack", SMALL_STACK);
        thread.start();
        thread.join();
        String shown = text.substring(0, 20);
        assertTrue(thrown[0] instanceof ScriptException e && e.getMessage().contains("nested more than"),
                () -> shown + " gave " + thrown[0]);
    }

    @Test
    void refusesDepthBombs() throws InterruptedException {
        int n = 3_000;
        String[] openings = {"(", "[", "{1: ", "-", "not ", "~", "f(", "x[", "a | b ^ c & d << e + f * (", "2 ** ",
            "a if b else ", "[x for x in ", "*(", "not a == -("};
        for (String open : openings) {
            String close = open.replaceAll("[^(\\[{]", "").replace('(', ')').replace('[', ']').replace('{', '}');
            refusesAsTooDeep("y = " + open.repeat(n) + "1" + close.repeat(n) + "\n");
        }
        refusesAsTooDeep("if a:\n  pass\n" + "elif a:\n  pass\n".repeat(n));
        StringBuilder blocks = new StringBuilder();
        for (int i = 0; i < 2000; i++) blocks.append(" ".repeat(i)).append("if a:\n");
        refusesAsTooDeep(blocks.append(" ".repeat(2000)).append("pass\n").toString());
    }

    @Test
    void acceptsLongChains() {
        int n = 20_000;
        for (String link : new String[] {" + 1", ".a", "(1)", "[0]", " and b", " or b", " < b", ", c", " 'b'"}) {
            String first = link.equals(" 'b'") ? "'a'" : "a";
            Expr e = Parser.parseExpression(new Source("m.py", first + link.repeat(n)));
            assertEquals(first.length() + link.length() * n, e.range().end(), link);
        }
        assertEquals(n, Parser.parse(new Source("m.py", "x = f(x, 1)\n".repeat(n))).body().size());
    }

    /** Refusing a long number must not cost more than reading it. */
    @Test
    void refusesLongNumbers() {
        String digits = "9".repeat(3_000_000);
        assertThrows(ScriptException.class, () -> Parser.parseExpression(new Source("m.py", digits)));
        assertThrows(ScriptException.class, () -> Parser.parseExpression(new Source("m.py", "0x" + digits)));
    }

    @Test
    void damagedProgramsGiveOnlyScriptExceptions() {
        Random random = new Random(SEED);
        List<String> words = new ArrayList<>();
        for (Token t : Lexer.file(new Source("m.py",
                PROGRAM)).tokens()) words.add(t.text().isEmpty() ? "\n  " : t.text());
        int accepted = 0;
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            String text = random.nextBoolean() ? damageCharacters(random) : damageWords(random, words);
            try {
                Parser.parse(new Source("m.py", text));
                accepted++;
            } catch (ScriptException e) {
                refused++;
                assertTrue(e.getMessage().contains("<--- HERE"), e.getMessage());
            } catch (RuntimeException | Error e) {
                fail("seed " + SEED + " round " + round + " gave " + e + " for\n" + text, e);
            }
        }
        assertTrue(accepted > 0 && refused > accepted, accepted + " accepted, " + refused + " refused");
    }

    private static String damageCharacters(Random random) {
        StringBuilder text = new StringBuilder(PROGRAM);
        String alphabet = "\n\r\t (){}[]\"'\\#:.,=*-+j0e1xf_\u00e9\0\ud83d";
        for (int i = random.nextInt(1, 5); i > 0; i--) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(3)) {
                case 0 -> text.deleteCharAt(at);
                case 1 -> text.insert(at, alphabet.charAt(random.nextInt(alphabet.length())));
                default -> text.setLength(Math.max(1, at));
            }
        }
        return text.toString();
    }

    private static String damageWords(Random random, List<String> words) {
        List<String> damaged = new ArrayList<>(words);
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            int at = random.nextInt(damaged.size());
            String other = words.get(random.nextInt(words.size()));
            switch (random.nextInt(3)) {
                case 0 -> damaged.remove(at);
                case 1 -> damaged.add(at, other);
                default -> damaged.set(at, other);
            }
        }
        // Few lines of words alone parse, as indentation is lost: so try a part of them as one statement, too.
        int from = random.nextInt(damaged.size());
        return String.join(" ", random.nextBoolean() ? damaged : damaged.subList(from, Math.min(from + 8,
                damaged.size())));
    }
}
