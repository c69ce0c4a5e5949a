package dev.cresset.runtime.executor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ExecutionMode;
import dev.cresset.Explanation;
import dev.cresset.Result;
import dev.cresset.ScriptModule;
import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each fact about arguments changed alone: the plan misses if it relies on the fact, and the answer is right in any case. */
class GuardFactsTest {
    private static final String CODE = """
        class M(Module):
          __parameters__ = []
          __buffers__ = []
          training : bool
          def tensor(self: __torch__.M, x: Tensor) -> Tensor:
            return torch.tanh(torch.mul(torch.add(x, x), 0.5))
          def optional(self: __torch__.M, x: Tensor, y: Optional[Tensor]) -> Tensor:
            if torch.__is__(y, None):
              r = torch.exp(x)
            else:
              y0 = unchecked_cast(Tensor, y)
              r = torch.mul(torch.exp(x), y0)
            return r
          def optional_int(self: __torch__.M, x: Tensor, n: Optional[int]) -> Tensor:
            if torch.__is__(n, None):
              r = torch.exp(x)
            else:
              n0 = unchecked_cast(int, n)
              r = torch.mul(torch.exp(x), n0)
            return r
          def float_number(self: __torch__.M, x: Tensor, f: float) -> Tensor:
            return torch.mul(torch.abs(x), f)
          def int_number(self: __torch__.M, x: Tensor, n: int) -> Tensor:
            return torch.mul(torch.exp(x), n)
          def any_number(self: __torch__.M, x: Tensor, n: number) -> Tensor:
            return torch.div(torch.mul(x, n), 4, rounding_mode="floor")
          def flag(self: __torch__.M, x: Tensor, b: bool) -> Tensor:
            if b:
              r = torch.exp(x)
            else:
              r = torch.neg(x)
            return r
          def text(self: __torch__.M, x: Tensor, s: str) -> Tensor:
            if torch.eq(s, "a"):
              r = torch.exp(x)
            else:
              r = torch.mul(x, torch.len(s))
            return r
          def device(self: __torch__.M, x: Tensor, d: Device) -> Tensor:
            if torch.eq(ops.prim.type(d), "cpu"):
              r = torch.exp(x)
            else:
              r = torch.neg(x)
            return r
          def list(self: __torch__.M, l: List[Tensor]) -> Tensor:
            return torch.tanh(torch.cat(l))
          def numbers(self: __torch__.M, x: Tensor, l: List[int]) -> Tensor:
            return torch.exp(torch.reshape(x, l))
          def grown(self: __torch__.M, x: Tensor, l: List[Tensor]) -> Tensor:
            _0 = torch.append(l, torch.exp(x))
            return torch.cat(l)
          def tuple(self: __torch__.M, t: Tuple[Tensor, int]) -> Tensor:
            x, n, = t
            return torch.mul(torch.exp(x), n)
          def dict(self: __torch__.M, d: Dict[str, Tensor]) -> Tensor:
            return torch.mul(torch.exp(d["a"]), torch.len(d))
          def gradient(self: __torch__.M, x: Tensor) -> Tensor:
            if ops.prim.requires_grad(x):
              r = torch.exp(x)
            else:
              r = torch.neg(x)
            return r
          def alias(self: __torch__.M, x: Tensor, y: Tensor) -> Tensor:
            a = torch.mul(torch.exp(y), 2)
            _0 = torch.add_(x, 1)
            b = torch.mul(torch.exp(y), 3)
            return torch.add(a, b)
        """;
    private static final Tensor X = Executed.random(1, 2, 3);
    private static final Tensor INTS = Tensor.of(new long[] {1, 2, 3, 4, 5, 6}, 2, 3);

    /**
     * @param plans    how many plans there are after the call with the changed arguments
     * @param sentence what is said of the guard that failed; null if there is to be none
     */
    private record Case(String fact, String method, Object[] usual, Object[] changed, int plans, String sentence) {
        @Override public String toString() { return fact; }
    }

    private static Case misses(String fact, String method, Object[] usual, Object[] changed, String sentence) {
        return new Case(fact, method, usual, changed, 2, sentence);
    }

    /** Checked within the plan, which goes on the other way: no plan is made. */
    private static Case missesWithin(String fact, String method, Object[] usual, Object[] changed, String sentence) {
        return new Case(fact, method, usual, changed, 1, sentence);
    }

    /** Arguments of another kind: they get a plan of their own, but no guard of the first one fails. */
    private static Case isAnotherKind(String fact, String method, Object[] usual, Object[] changed) {
        return new Case(fact, method, usual, changed, 2, null);
    }

    private static Case relies(String onNothing, String method, Object[] usual, Object[] changed) {
        return new Case(onNothing, method, usual, changed, 1, null);
    }

    private static Object[] with(Object... arguments) { return arguments; }

    private static Tensor viewed(long[] sizes, long[] strides, long offset) {
        return Tensor.of(new float[] {9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}, 14).view(sizes, strides, offset);
    }

    private static Stream<Case> cases() {
        Tensor doubles = Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 2, 3);
        Tensor y = Executed.random(2, 2, 3);
        return Stream.of(
            misses("element type", "tensor", with(X), with(doubles), "%x: expected Float(2, 3, device=cpu), got Double(2, 3, device=cpu)"),
            misses("rank", "tensor", with(X), with(Executed.random(3, 6)), "got Float(6, device=cpu)"),
            misses("rank, of one element", "tensor", with(X), with(Executed.random(3, 1, 2, 3)), "got Float(1, 2, 3, device=cpu)"),
            misses("size", "tensor", with(X), with(Executed.random(3, 2, 4)), "got Float(2, 4, device=cpu)"),
            misses("no elements", "tensor", with(X), with(Executed.random(3, 2, 0)), "got Float(2, 0, device=cpu)"),
            misses("strides", "tensor", with(X), with(viewed(new long[] {2, 3}, new long[] {1, 2}, 0)), "strides=[1, 2]"),
            misses("gaps between rows", "tensor", with(X), with(viewed(new long[] {2, 3}, new long[] {4, 1}, 0)), "strides=[4, 1]"),
            misses("an expanded dimension", "tensor", with(X), with(viewed(new long[] {2, 3}, new long[] {0, 1}, 0)), "strides=[0, 1]"),
            misses("contiguous again", "tensor", with(viewed(new long[] {2, 3}, new long[] {1, 2}, 0)), with(X), "got Float(2, 3, device=cpu)"),
            relies("where in its storage it begins", "tensor", with(X), with(viewed(new long[] {2, 3}, new long[] {3, 1}, 1))),
            misses("not None any more", "optional", with(X, null), with(X, y), "%y: expected None, got Float(2, 3, device=cpu)"),
            misses("None now", "optional", with(X, y), with(X, null), "%y: expected Float(2, 3, device=cpu), got None"),
            misses("no number any more", "optional_int", with(X, 3L), with(X, null), "%n: expected a value, got None"),
            misses("a number now", "optional_int", with(X, null), with(X, 3L), "%n: expected None, got 3"),
            relies("an optional number", "optional_int", with(X, 3L), with(X, 4L)),
            misses("float", "float_number", with(X, 0.5), with(X, 0.25), "%f: expected 0.5, got 0.25"),
            misses("sign of zero", "float_number", with(X, 0.0), with(X, -0.0), "%f: expected 0., got -0."),
            misses("int", "int_number", with(X, 3L), with(X, 4L), "%n: expected 3, got 4"),
            misses("type of a number", "any_number", with(INTS, 3L), with(INTS, 3.0), "%n: expected 3, got 3."),
            misses("bool", "flag", with(X, true), with(X, false), "%b: expected True, got False"),
            misses("string", "text", with(X, "a"), with(X, "bc"), "%s: expected a, got bc"),
            misses("device", "device", with(X, Device.CPU), with(X, new Device("cuda", 0)), "%d: expected cpu, got cuda:0"),
            misses("longer list", "list", with(List.of(X, y)), with(List.of(X, y, X)), "%l: expected 2 elements, got 3"),
            misses("shorter list", "list", with(List.of(X, y)), with(List.of(y)), "%l: expected 2 elements, got 1"),
            misses("type of an element", "list", with(List.of(X, y)), with(List.of(X, Executed.random(4, 1, 3))), "%l[1]: expected Float(2, 3, device=cpu), got Float(1, 3, device=cpu)"),
            misses("number in a list", "numbers", with(X, List.of(2L, 3L)), with(X, List.of(3L, 2L)), "%l[0]: expected 2, got 3"),
            isAnotherKind("length of a list that grows", "grown", with(X, List.of(y)), with(X, List.of(y, y))),
            misses("number in a tuple", "tuple", with(List.of(X, 2L)), with(List.of(X, 3L)), "%t[1]: expected 2, got 3"),
            misses("tensor in a tuple", "tuple", with(List.of(X, 2L)), with(List.of(Executed.random(3, 4, 3), 2L)), "%t[0]: expected Float(2, 3, device=cpu), got Float(4, 3, device=cpu)"),
            missesWithin("tensor in a dict", "dict", with(Map.of("a", X)), with(Map.of("a", Executed.random(3, 4, 3), "b", X)), "expected Float(2, 3, device=cpu), got Float(4, 3, device=cpu)"),
            relies("whether a gradient is wanted", "gradient", with(X), with(wantsGradient())));
    }

    private static Tensor wantsGradient() {
        Tensor t = Executed.random(1, 2, 3);
        t.setRequiresGrad(true);
        return t;
    }

    private static Executed open(ExecutionMode mode) { return new Executed(mode, CODE, Map.of("training", false)); }

    /** The type and the elements of a result. */
    private record Outcome(ScalarType dtype, long[] sizes, float[] elements) {
        static Outcome of(ScriptModule module, String method, Object... arguments) {
            try (Result r = module.call(method, arguments)) {
                return new Outcome(r.tensor().dtype(), r.tensor().sizes(), r.tensor().toFloatArray());
            }
        }

        void check(Outcome other) {
            assertEquals(dtype, other.dtype);
            assertArrayEquals(sizes, other.sizes);
            assertArrayEquals(elements, other.elements, 1e-5f);
        }

        boolean is(Outcome other) { return dtype == other.dtype && Arrays.equals(sizes, other.sizes) && Arrays.equals(elements, other.elements); }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aFactThatChangesAlone(Case c) {
        try (Executed plain = open(ExecutionMode.INTERPRET); Executed e = open(ExecutionMode.OPTIMIZE)) {
            Outcome usual = Outcome.of(plain.module, c.method, c.usual), changed = Outcome.of(plain.module, c.method, c.changed);
            assertFalse(usual.is(changed), "the fact makes a difference");
            for (int i = 0; i < 4; i++) usual.check(Outcome.of(e.module, c.method, c.usual));
            Explanation.Function before = e.explain(c.method);
            assertEquals(List.of(2L, 1, List.of()), List.of(before.callsByPlans(), before.plansMade(), before.guardFailures()), "a plan serves");

            changed.check(Outcome.of(e.module, c.method, c.changed));
            Explanation.Function after = e.explain(c.method);
            assertEquals(c.plans, after.plansMade(), after.toString());
            if (c.sentence == null) assertEquals(List.of(), after.guardFailures());
            else assertTrue(after.guardFailures().getFirst().sentence().contains(c.sentence), after.guardFailures().toString());

            usual.check(Outcome.of(e.module, c.method, c.usual));
            assertEquals(after.plansMade(), e.explain(c.method).plansMade(), "the first plan still serves");
            assertEquals(after.callsByPlans() + 1, e.explain(c.method).callsByPlans());
        }
    }

    /** Nothing relies on it that arguments are different memory: what may be written is not moved, merged or read early. */
    private static Stream<List<Tensor[]>> aliases() {
        Tensor whole = viewed(new long[] {3, 3}, new long[] {3, 1}, 0);
        Tensor[] apart = {Executed.random(5, 2, 3), Executed.random(6, 2, 3)};
        Tensor same = Executed.random(7, 2, 3);
        Tensor[] one = {same, same};
        Tensor[] views = {same, same.view(same.sizes(), same.strides())};
        Tensor[] overlapping = {whole.view(new long[] {2, 3}, new long[] {3, 1}, 0), whole.view(new long[] {2, 3}, new long[] {3, 1}, 3)};
        return Stream.of(List.of(apart, one), List.of(apart, views), List.of(apart, overlapping), List.of(one, apart),
            List.of(overlapping, apart), List.of(one, overlapping));
    }

    @ParameterizedTest
    @MethodSource("aliases")
    void argumentsThatShareMemory(List<Tensor[]> cases) {
        try (Executed plain = open(ExecutionMode.INTERPRET); Executed e = open(ExecutionMode.OPTIMIZE)) {
            for (Tensor[] arguments : cases) {
                List<float[]> original = Arrays.stream(arguments).map(Tensor::toFloatArray).toList();
                Outcome expected = Outcome.of(plain.module, "alias", (Object[]) arguments);
                List<float[]> written = Arrays.stream(arguments).map(Tensor::toFloatArray).toList();
                for (int i = 0; i < 4; i++) {
                    restore(arguments, original);
                    expected.check(Outcome.of(e.module, "alias", (Object[]) arguments));
                    for (int a = 0; a < arguments.length; a++) assertArrayEquals(written.get(a), arguments[a].toFloatArray(), 1e-5f);
                }
            }
            assertTrue(e.explain("alias").callsByPlans() >= 6, "plans served");
        }
    }

    /** Writes elements back, the last tensor first; what they share is the same in both. */
    private static void restore(Tensor[] arguments, List<float[]> elements) {
        for (int a = arguments.length - 1; a >= 0; a--) {
            float[] values = elements.get(a);
            Tensor t = arguments[a];
            int columns = (int) t.size(1);
            for (int i = 0; i < values.length; i++) {
                t.data().setAtIndex(java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED, t.offset() + i / columns * t.strides()[0] + i % columns * t.strides()[1], values[i]);
            }
        }
    }
}
