package dev.cresset.ir.script;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.graph.ScriptFunction;
import dev.cresset.ir.graph.Source;
import dev.cresset.ir.schema.TestOperators;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Loops, branches and exits from them are compiled to graphs that do what the source says; expected values are
 * Python's.
 */
class ControlFlowTest {
    private static ScriptFunction compile(String... lines) {
        List<ScriptFunction> functions = new CompilationUnit(TestOperators.common())
            .defineFunctions(new Source("test.py", String.join("\n", lines) + "\n"));
        return functions.getLast();
    }

    private static void expect(ScriptFunction f, Object result, Object... args) {
        assertEquals(result, GraphRunner.run(f.graph(),
            Arrays.stream(args).map(a -> a instanceof Integer i ? (Object) (long) i : a).toArray()));
    }

    @Test void returnsFromNestedLoops() {
        ScriptFunction f = compile(
            "def find(rows: int, k: int) -> int:",
            "    steps = 0",
            "    for i in range(rows):",
            "        for j in range(i, rows + 2, 2):",
            "            steps += 1",
            "            if i * j == k:",
            "                return steps * 100 + i * 10 + j",
            "            if j > 5:",
            "                break",
            "        if i == 7:",
            "            return -1",
            "    return -2");
        expect(f, 924L, 5, 8);
        expect(f, 100L, 3, 0);
        expect(f, -1L, 9, 1000);
        expect(f, -2L, 2, 1000);
    }

    @Test void keepsWhatWasAssignedBeforeABreak() {
        ScriptFunction f = compile(
            "def f(n: int) -> int:",
            "    found = -1",
            "    i = 0",
            "    while True:",
            "        i += 1",
            "        if i % 2 == 0:",
            "            continue",
            "        if i * i > n:",
            "            found = i",
            "            break",
            "        found -= 1",
            "    return found * 1000 + i");
        expect(f, 5005L, 10);
        expect(f, 1001L, 0);
    }

    @Test void returnsInsideUnrolledLoopsAndElse() {
        ScriptFunction f = compile(
            "def f(a: int, b: int) -> int:",
            "    total = 0",
            "    for x in (a, b, 3):",
            "        if x < 0:",
            "            return total",
            "        total += x",
            "    if total > 10:",
            "        y = total",
            "    elif total == 10:",
            "        return 0",
            "    else:",
            "        y = -total",
            "    return y * 2");
        expect(f, 5L, 5, -1);
        expect(f, 26L, 5, 5);
        expect(f, 0L, 3, 4);
        expect(f, -8L, 1, 0);
    }

    @Test void evaluatesOperandsOfAndOrOnlyWhenNeeded() {
        ScriptFunction f = compile(
            "def f(xs: List[int], i: int) -> int:",
            "    if i < len(xs) and xs[i] > 0 or i == 99:",
            "        return 1",
            "    return 2 if not (i > 5 and xs[0] == 0) else 3");
        expect(f, 1L, List.of(4L, -1L), 0);
        expect(f, 2L, List.of(4L, -1L), 1);
        expect(f, 2L, List.of(4L), 5);
        expect(f, 1L, List.of(), 99);
        expect(f, 3L, List.of(0L), 6);
    }

    @Test void raisesAndKnowsTypesAfterwards() {
        ScriptFunction f = compile(
            "def f(x: Optional[int]) -> int:",
            "    if x is None:",
            "        raise ValueError('no value')",
            "    return x + 1");
        expect(f, 4L, 3);
        ScriptError e = assertThrows(ScriptError.class, () -> GraphRunner.run(f.graph(), (Object) null));
        assertEquals("builtins.ValueError", e.errorClass());
        assertEquals("no value", e.reason());
    }

    @Test void leavesContextsOnReturn() {
        ScriptFunction f = compile(
            "class Depth:",
            "    n: int",
            "    def __init__(self):",
            "        self.n = 0",
            "    def __enter__(self):",
            "        self.n += 1",
            "    def __exit__(self, type: Any, value: Any, trace: Any):",
            "        self.n += 10",
            "def inside(d: Depth, k: int) -> int:",
            "    with d:",
            "        if k > 0:",
            "            return d.n",
            "    return -1",
            "def f(k: int) -> int:",
            "    d = Depth()",
            "    return inside(d, k) * 100 + d.n");
        expect(f, 111L, 1);
        expect(f, -89L, 0);
    }

    @Test void iteratesOverWhatPythonDoes() {
        ScriptFunction f = compile(
            "def f(xs: List[int], s: str) -> str:",
            "    out = ''",
            "    for i, (x, c) in enumerate(zip(xs, s), 1):",
            "        if i * x > 4:",
            "            out = out + c",
            "    squares = [x * x for x in range(4)]",
            "    for q in squares:",
            "        if q == 9:",
            "            out += 'q'",
            "    return out");
        expect(f, "bcq", List.of(1L, 3L, 2L, 8L), "abc");
    }

    @Test void runsForkedClosuresOverTheirCaptures() {
        ScriptFunction f = compile(
            "def twice(x: int, k: int = 2) -> int:",
            "    return x * k",
            "def f(n: int) -> int:",
            "    def later():",
            "        return twice(n, 3)",
            "    a = torch.jit.fork(later)",
            "    b = torch.jit.fork(twice, n, k=5)",
            "    return torch.jit.wait(a) * 100 + torch.jit.wait(b)");
        expect(f, 610L, 2);
    }
}
