package dev.cresset.kernels.ops.scalar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.ops.Operators;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.Text;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Results of host operators and printed values, all seen from PyTorch 1.13. */
class ScalarsTest {
    private static final Catalog OPS = Operators.catalog();
    private final CallContext context = new CallContext(OPS, new Scope(new MemoryPool(1 << 20)), new Generator(0), System.out, 1, false);

    private void gives(String shown, String op, Object... arguments) {
        Object result = context.call("aten::" + op, arguments);
        String text = result instanceof Object[] several ? Arrays.stream(several).map(Text::of).toList().toString() : Text.of(result);
        assertEquals(shown, text, () -> op + Arrays.toString(arguments));
    }

    private static ScriptList ints(long... v) { return ScriptList.ofLongs(v); }

    private void fails(String reason, String op, Object... arguments) {
        assertEquals(reason, assertThrows(ScriptError.class, () -> context.call("aten::" + op, arguments)).reason());
    }

    @Test void numbers() {
        gives("-4", "floordiv.int", -7L, 2L);
        gives("-3.", "floordiv.float_int", 5.5, -2L);
        gives("2", "remainder.int", -7L, 3L);
        gives("nan", "remainder.float", 5.0, 0.0);
        gives("8.", "pow.int", 2L, 3L);
        gives("-9223372036854775808", "__lshift__.int", 1L, -1L);
        gives("[-4., 0.5]", "divmod.float", -7.5, 2.0);
        gives("-1.-2.j", "div.complex", new Complex(3, -4), new Complex(1, 2));
        gives("-9223372036854775808", "Int.float", 1e30);
        gives("0.", "round.float", 0.5);
        gives("-4249290049419214848", "factorial.int", 21L);
        fails("division by 0", "floordiv.int", 1L, 0L);
        fails("0.0 cannot be raised to a negative power", "pow.int", 0L, -1L);
        fails("invalid literal for int() with base 10: '1x'", "Int.str", "1x");
    }

    @Test void specialFunctions() {
        assertEquals(2.363271801207355, RealFunctions.gamma(-1.5), 1e-14);
        assertEquals(0.8600470153764809, RealFunctions.lgamma(-1.5), 1e-14);
        assertEquals(-0.9661051464753108, RealFunctions.erf(-1.5), 1e-15);
        assertEquals(2.2090496998585438e-05, RealFunctions.erfc(3), 1e-19);
        Complex z = ComplexNumbers.acosh(new Complex(3, -4));
        assertEquals(2.305509031243477, z.re(), 1e-14);
        assertEquals(-0.93681246115572, z.im(), 1e-14);
    }

    @Test void listsAndSlices() {
        gives("[4, 3, 2]", "slice.t", ints(1, 2, 3, 4), 3L, 0L, -1L);
        gives("[4, 2]", "slice.t", ints(1, 2, 3, 4), 10L, -10L, -2L);
        gives("[1, 2, 1, 2]", "mul.left_t", ints(1, 2), 2L);
        gives("4", "__range_length", 10L, 0L, -3L);
        fails("list index out of range", "__getitem__.t", ints(1), 5L);
        fails("list.remove(x): x not in list", "remove.int", ints(1), 4L);
        fails("'4' is not in list", "index.list_int", ints(1), 4L);
    }

    @Test void strings() {
        gives("  ab ", "center", "ab", 5L);
        gives("*abc**", "center", "abc", 6L, "*");
        gives("[a b, c, d]", "rsplit", "a b c d", " ", 2L);
        gives("[a, b, c]", "split.str", " a b  c", null, 1L);
        gives("[a, \r, , \n, b]", "splitlines", "a\r\nb", true);
        gives("3", "len.str", "éa");
        gives("2", "find", "éa", "a");
        gives("é", "slice.str", "éa", 0L, 2L, 1L);
        gives("éA", "upper", "éa");
        gives("2", "count", "abcabc", "c", 0L, -1L);
        gives("4", "find", "abcabc", "b", -2L);
        gives("xab", "replace", "aab", "a", "x", 1L);
        gives("a   bb  c", "expandtabs", "a\tbb\tc", 4L);
        gives("They'Re Bill'S", "title", "they're bill's");
        gives("[a, b, , c]", "splitlines", "a\nb\r\nc");
        gives("-0o10", "oct", -8L);
        gives("1 x {:.2f} {0}", "format", "{} {} {:.2f} {0}", 1L, "x");
        gives("1 s 2.500000 2.550000E+02 %", "percentFormat", "%d %s %f %E %%", 1L, "s", 2.5, 255.0);
        fails("The specifier %g is not supported in TorchScript format strings", "percentFormat", "%g", 1.0);
    }

    @Test void printedValues() {
        assertEquals("[1., -0., 10000000000000000., 1e+19, 0.10000000000000001, 4.9406564584124654e-324, inf, nan]",
            Text.of(new ScriptList(SimpleType.FLOAT, List.of(1.0, -0.0, 1e16, 1e19, 0.1, Double.MIN_VALUE, Double.POSITIVE_INFINITY, Double.NaN))));
        assertEquals("0.5-2.25j", Text.of(new Complex(0.5, -2.25)));
    }

    @Test void printedTensors() {
        prints("0.001 *\n 1.0000  2.0000\n  3.0000 -4.0000\n[ CPUFloatType{2,2} ]",
            Tensor.of(new float[] {0.001f, 0.002f, 0.003f, -0.004f}, 2, 2));
        prints(" 1.2346e+05\n-2.5000e+00\n[ CPUFloatType{2} ]", Tensor.of(new float[] {123456.7f, -2.5f}, 2));
        prints("    nan\n 1.5000\n    inf\n[ CPUFloatType{3} ]", Tensor.of(new float[] {Float.NaN, 1.5f, Float.POSITIVE_INFINITY}, 3));
        prints(" 1 -200\n 3  4\n[ CPULongType{2,2} ]", Tensor.of(new long[] {1, -200, 3, 4}, 2, 2));
        prints("(1,.,.) = \n  1.0000e+05  2.5000e+00\n\n(2,.,.) = \n 1.235e+06        2\n[ CPUFloatType{2,1,2} ]",
            Tensor.of(new float[] {100000.5f, 2.5f, 1234567f, 2}, 2, 1, 2));
        prints("1.23457e+10\n[ CPULongType{} ]", Tensor.of(new long[] {12345678901L}));
        prints("[ CPUFloatType{0,3} ]", Tensor.of(new float[0], 0, 3));
    }

    private static void prints(String text, Tensor t) { assertEquals(text, Text.of(t)); }
}
