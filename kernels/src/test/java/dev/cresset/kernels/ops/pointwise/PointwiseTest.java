package dev.cresset.kernels.ops.pointwise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.ops.Operators;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Semantics of element-wise operators; the expected values are PyTorch 1.13's. */
class PointwiseTest {
    private static final float NAN = Float.NaN;
    private static final float INF = Float.POSITIVE_INFINITY;
    private static final Catalog OPS = Operators.catalog();

    private final CallContext context = new CallContext(OPS, new Scope(new MemoryPool(1 << 20)), new Generator(0), System.out, 1, false);

    private Tensor run(String op, Object... arguments) { return context.tensor("aten::" + op, arguments); }

    private static Tensor floats(float... v) { return Tensor.of(v, v.length); }

    private static Tensor longs(long... v) { return Tensor.of(v, v.length); }

    private static Tensor of(ScalarType t, double... v) {
        Tensor out = Tensor.zeros(t, v.length);
        for (int i = 0; i < v.length; i++) Elements.setDouble(out.data(), t, i, v[i]);
        return out;
    }

    private static Tensor zeroDim(ScalarType t, double v) { return of(t, v).view(new long[0], new long[0]); }

    private static void assertFloats(Tensor got, float... want) {
        assertEquals(ScalarType.FLOAT32, got.dtype());
        assertArrayEquals(want, got.toFloatArray(), 1e-6f);
    }

    private static void assertLongs(Tensor got, ScalarType type, long... want) {
        assertEquals(type, got.dtype());
        assertArrayEquals(want, got.toLongArray());
    }

    private void assertFails(String reason, String op, Object... arguments) {
        String got = assertThrows(ScriptError.class, () -> run(op, arguments)).reason();
        assertTrue(got.contains(reason), got);
    }

    @Test void typesPromoteByCategoryAndRank() {
        Tensor u8 = of(ScalarType.UINT8, 200, 1), i8 = of(ScalarType.INT8, 100, 1), f16 = of(ScalarType.FLOAT16, 1, 2);
        assertLongs(run("add.Tensor", u8, i8), ScalarType.INT16, 300, 2);
        assertLongs(run("add.Scalar", u8, 300L), ScalarType.UINT8, 244, 45);
        assertEquals(ScalarType.FLOAT32, run("add.Scalar", u8, 1.5).dtype());
        assertEquals(ScalarType.FLOAT16, run("add.Scalar", f16, 1.5).dtype());
        assertEquals(ScalarType.FLOAT32, run("add.Tensor", f16, of(ScalarType.BFLOAT16, 1, 1)).dtype());
        assertEquals(ScalarType.FLOAT32, run("add.Tensor", floats(1, 2), zeroDim(ScalarType.FLOAT64, 1)).dtype());
        assertEquals(ScalarType.FLOAT64, run("add.Tensor", longs(1, 2), zeroDim(ScalarType.FLOAT64, 1)).dtype());
        assertEquals(ScalarType.INT64, run("add.Scalar", of(ScalarType.BOOL, 1), 1L).dtype());
        assertEquals(ScalarType.COMPLEX32, run("add.Scalar", f16, new Complex(0, 1)).dtype());
        assertEquals(ScalarType.FLOAT32, run("div.Tensor", longs(1), longs(2)).dtype());
        assertEquals(ScalarType.FLOAT32, run("where.Scalar", of(ScalarType.BOOL, 1), 1L, 2.0).dtype());
        assertEquals(ScalarType.INT64, run("where.Scalar", of(ScalarType.BOOL, 1), 1L, true).dtype());
        assertEquals(ScalarType.FLOAT32, run("clamp", longs(1, 2), 0.5, null).dtype());
        assertEquals(ScalarType.FLOAT64, run("float_power.Tensor_Scalar", longs(2), 2L).dtype());
        assertEquals(ScalarType.FLOAT32, run("abs", of(ScalarType.COMPLEX64, 3)).dtype());
        assertLongs(run("square", of(ScalarType.BOOL, 1)), ScalarType.INT64, 1);
    }

    @Test void inPlaceResultsKeepTheTypeOrFail() {
        assertLongs(run("add_.Tensor", of(ScalarType.INT32, 1, 2), longs(1, 2)), ScalarType.INT32, 2, 4);
        assertFails("result type Float can't be cast to the desired output type Long", "add_.Scalar", longs(1), 1.5);
        assertFails("result type Long can't be cast to the desired output type Bool", "add_.Scalar", of(ScalarType.BOOL, 1), 1L);
        assertFails("result type ComplexFloat can't be cast", "mul_.Scalar", floats(1), new Complex(0, 1));
        assertFails("doesn't match the broadcast shape", "add_.Tensor", floats(1), floats(1, 2));
        assertFloats(run("lt_.Scalar", floats(1, 2), 1.5), 1, 0);
        assertFloats(run("logical_and.out", longs(1), longs(2), Tensor.zeros(ScalarType.FLOAT32, 1)), 1);
    }

    @Test void inPlaceOverAnOverlappingViewIsRefused() {
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
        assertFails("some elements of the input tensor", "add_.Tensor", x, x.view(new long[] {2, 2}, new long[] {1, 2}), 1L);
        assertFails("more than one element", "add_.Scalar", x.view(new long[] {3, 2}, new long[] {0, 1}), 1L, 1L);
    }

    @Test void integerDivisionAndRemainders() {
        Tensor a = longs(7, -7, 7, -7), b = longs(2, 2, -2, -2);
        assertLongs(run("floor_divide", a, b), ScalarType.INT64, 3, -4, -4, 3);
        assertLongs(run("div.Tensor_mode", a, b, "trunc"), ScalarType.INT64, 3, -3, -3, 3);
        assertLongs(run("remainder.Tensor", a, b), ScalarType.INT64, 1, 1, -1, -1);
        assertLongs(run("fmod.Tensor", a, b), ScalarType.INT64, 1, -1, 1, -1);
        assertLongs(run("remainder.Scalar_Tensor", 5L, longs(3, -3)), ScalarType.INT64, 2, -1);
        assertFails("ZeroDivisionError", "floor_divide", longs(1, 0), longs(0, 1));
        assertFloats(run("div.Tensor_mode", a, b, null), 3.5f, -3.5f, -3.5f, 3.5f);
        assertFails("found 'foo'", "div.Tensor_mode", a, b, "foo");
        assertFloats(run("floor_divide.Scalar", floats(1, 0, -7), 0L), INF, NAN, -INF);
        assertFloats(run("remainder.Tensor", floats(5, -5, INF), floats(-3, 3, 2)), -1, 1, NAN);
    }

    @Test void boolsAreNotNumbersEverywhere() {
        Tensor t = of(ScalarType.BOOL, 1, 1, 0), u = of(ScalarType.BOOL, 1, 0, 0);
        assertLongs(run("add.Tensor", t, u), ScalarType.BOOL, 1, 1, 0);
        assertLongs(run("mul.Tensor", t, u), ScalarType.BOOL, 1, 0, 0);
        assertFails("with two bool tensors", "sub.Tensor", t, u);
        assertFails("Negation", "neg", t);
        assertFails("with a bool tensor", "rsub.Scalar", t, 1L);
        assertLongs(run("bitwise_not", t), ScalarType.BOOL, 0, 0, 1);
        assertLongs(run("bitwise_not", longs(1)), ScalarType.INT64, -2);
        assertFails("not implemented for 'Float'", "bitwise_and.Scalar", floats(1), 1L);
    }

    @Test void powers() {
        assertFails("Integers to negative integer powers are not allowed.", "pow.Tensor_Scalar", longs(2, 3), -1L);
        assertLongs(run("pow.Tensor_Tensor", longs(1, -1, 2), longs(-1, -3, -2)), ScalarType.INT64, 1, -1, 0);
        assertFloats(run("pow.Tensor_Scalar", longs(4), 0.5), 2);
        assertFloats(run("pow.Tensor_Scalar", floats(3, -2), 2L), 9, 4);
        assertFloats(run("pow.Scalar", 2.5, longs(1, 2)), 2.5f, 6.25f);
        assertFloats(run("pow.Tensor_Tensor", floats(1, -1), floats(NAN, INF)), 1, 1);
    }

    @Test void nanGoesThroughMinimumMaximumAndClamp() {
        assertFloats(run("maximum", floats(NAN, 1), floats(1, NAN)), NAN, NAN);
        assertFloats(run("fmax", floats(NAN, 1), floats(2, NAN)), 2, 1);
        assertFloats(run("clamp", floats(1, NAN, 9), 2.0, 3.0), 2, NAN, 3);
        assertFloats(run("clamp", floats(1, 2), 5.0, 2.0), 2, 2);
        assertFloats(run("relu", floats(NAN, -1, 2)), NAN, 0, 2);
        assertFloats(run("sign", floats(NAN, -3, 0)), 0, -1, 0);
        assertFloats(run("nan_to_num", floats(NAN, INF, -INF), null, null, 7.0), 0, Float.MAX_VALUE, 7);
        assertFloats(run("where.self", of(ScalarType.BOOL, 1, 0), floats(1, NAN), zeroDim(ScalarType.FLOAT32, 5)), 1, 5);
    }

    @Test void numbersTakeTheTensorsTypeInComparisons() {
        assertLongs(run("eq.Scalar", of(ScalarType.UINT8, 1), 257L), ScalarType.BOOL, 1);
        assertLongs(run("gt.Scalar", of(ScalarType.UINT8, 200), 300L), ScalarType.BOOL, 1);
        assertLongs(run("lt.Scalar", longs(1, 2), 1.5), ScalarType.BOOL, 1, 0);
        assertFails("complex", "lt.Tensor", of(ScalarType.COMPLEX64, 1), floats(1));
    }

    @Test void halvesRoundOnce() {
        Tensor h = run("add.Scalar", of(ScalarType.FLOAT16, 0.1), 0.1);
        assertEquals(ScalarType.FLOAT16, h.dtype());
        assertEquals(0.199951171875, h.getDouble(0));
        assertEquals(1000.0, run("add.Scalar", of(ScalarType.BFLOAT16, 1000), 0.5).getDouble(0));
    }

    @Test void activations() {
        Tensor x = floats(-3, -0.5f, 0, 0.5f, 3);
        assertFloats(run("gelu", x), -0.00404987f, -0.15426879f, 0, 0.34573120f, 2.9959502f);
        assertFloats(run("gelu", x, "tanh"), -0.00363743f, -0.154286f, 0, 0.34571400f, 2.9963627f);
        assertFloats(run("silu", x), -0.14227761f, -0.18877034f, 0, 0.31122968f, 2.8577223f);
        assertFloats(run("mish", x), -0.14564747f, -0.22074376f, 0, 0.37524524f, 2.98653507f);
        assertFloats(run("elu", x), -0.95021296f, -0.39346933f, 0, 0.5f, 3);
        assertFloats(run("selu", x), -1.6705688f, -0.69175816f, 0, 0.5253505f, 3.1521029f);
        assertFloats(run("softplus", x), 0.04858735f, 0.47407699f, 0.69314718f, 0.974077f, 3.0485873f);
        assertFloats(run("hardswish", x), 0, -0.20833333f, 0, 0.29166666f, 3);
        assertFloats(run("log_sigmoid", x), -3.0485873f, -0.974077f, -0.6931472f, -0.474077f, -0.04858735f);
        assertFloats(run("hardshrink", floats(NAN, 0.2f, 0.6f, -0.5f)), NAN, 0, 0.6f, 0);
        assertFloats(run("prelu", Tensor.of(new float[] {-1, -1, 2, -2}, 2, 2), floats(0.5f, 0.25f)), -0.5f, -0.25f, 2, -0.5f);
        assertFloats(run("glu", Tensor.of(new float[] {1, 2, 0, 0}, 1, 4)), 0.5f, 1);
        assertLongs(run("hardtanh", longs(1, 2, -4), -1.5, 1.5), ScalarType.INT64, 1, 1, -1);
    }

    @Test void specialFunctions() {
        assertFloats(run("digamma", floats(0, -1, 1, -0.0f, 0.3f)), -INF, NAN, -0.5772157f, INF, -3.5025243f);
        assertFloats(run("lgamma", floats(0, -1, 3, -INF, -0.5f)), INF, INF, 0.6931472f, INF, 1.2655121f);
        assertFloats(run("erfinv", floats(0, 1, -1, 2, 0.9f)), 0, INF, -INF, NAN, 1.1630871f);
        assertFloats(run("logit", floats(0, 1, 0.5f, 2), 1e-3), -6.9067550f, 6.9067683f, 0, 6.9067683f);
        assertFloats(run("round.decimals", floats(1234.567f, -1234.567f), -2L), 1200, -1200);
        assertFloats(run("special_entr", floats(0, 1, -1, NAN)), 0, 0, -INF, NAN);
        Tensor z = Tensor.zeros(ScalarType.COMPLEX128, 1);
        Elements.setComplex(z.data(), ScalarType.COMPLEX128, 0, 0.3, -0.7);
        String[] functions = {"exp", "log", "sqrt", "tanh", "asin", "acos", "atan", "acosh", "reciprocal", "sigmoid"};
        Complex[] want = {new Complex(1.03242896, -0.86960292), new Complex(-0.27236359, -1.16590454),
            new Complex(0.72855244, -0.48040468), new Complex(0.46970517, -0.72703719), new Complex(0.24573201, -0.67033674),
            new Complex(1.32506432, 0.67033674), new Complex(0.48003518, -0.70168043), new Complex(0.67033674, -1.32506432),
            new Complex(0.51724138, 1.20689655), new Complex(0.58411323, -0.17794292)};
        for (int i = 0; i < functions.length; i++) {
            Complex got = run(functions[i], z).toComplexArray()[0];
            assertEquals(want[i].re(), got.re(), 1e-7, functions[i]);
            assertEquals(want[i].im(), got.im(), 1e-7, functions[i]);
        }
    }

    @Test void complexTensorsFromParts() {
        Tensor z = run("complex", floats(1, INF), floats(2, 3));
        assertArrayEquals(new Complex[] {new Complex(1, 2), new Complex(Double.POSITIVE_INFINITY, 3)}, z.toComplexArray());
        assertFloats(run("imag", z), 2, 3);
        run("fill_.Scalar", run("real", z), 0L);
        assertFloats(run("real", z), 0, 0);
    }

    @Test void resultsDoNotDependOnTheNumberOfThreads() {
        CallContext many = new CallContext(OPS, new Scope(new MemoryPool(1 << 20)), new Generator(0), System.out, 4, false);
        float[] v = new float[300 * 501];
        for (int i = 0; i < v.length; i++) v[i] = (i % 1777 - 888) * 0.01f;
        Tensor x = Tensor.of(v, 300, 501), row = Tensor.of(java.util.Arrays.copyOf(v, 501), 501);
        Tensor turned = x.view(new long[] {501, 300}, new long[] {1, 501});
        assertArrayEquals(run("gelu", x).toFloatArray(), many.tensor("aten::gelu", x).toFloatArray());
        assertArrayEquals(run("mul.Tensor", x, row).toFloatArray(), many.tensor("aten::mul.Tensor", x, row).toFloatArray());
        assertArrayEquals(turned.toFloatArray(), many.tensor("aten::contiguous", turned).toFloatArray());
    }

    @Test void wholeTensorComparisons() {
        assertEquals(true, context.call("aten::equal", longs(1, 2), floats(1, 2)));
        assertEquals(false, context.call("aten::equal", longs(1, 2), longs(1)));
        assertEquals(true, context.call("aten::allclose", floats(1, INF), floats(1.000001f, INF)));
        assertEquals(false, context.call("aten::allclose", floats(NAN), floats(NAN)));
        assertEquals(true, context.call("aten::allclose", floats(NAN), floats(NAN), 1e-5, 1e-8, true));
    }
}
