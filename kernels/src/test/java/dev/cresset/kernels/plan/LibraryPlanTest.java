package dev.cresset.kernels.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cresset.ir.graph.Value;
import dev.cresset.kernels.cpu.onednn.OneDnnLibrary;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Products and convolutions as prepared calls, with what follows them. */
class LibraryPlanTest {
    private static final double TOLERANCE = 2e-5;
    private final Trace t = new Trace(7);

    @BeforeEach void needsLibrary() { assumeTrue(OneDnnLibrary.isAvailable(), () -> "oneDNN is not here: " + OneDnnLibrary.loadFailure()); }

    /** So many steps, all of the library. */
    private static void assertLibrary(int steps, String text) {
        List<String> lines = text.lines().skip(1).toList();
        assertEquals(steps, lines.size(), text);
        assertTrue(lines.stream().allMatch(l -> l.contains(" by ")), text);
    }

    @Test void perceptron() {
        Value x = t.input(9, 45);
        Value h = t.op("elu", t.op("linear", x, t.weight(32, 45), t.weight(32)));
        h = t.op("gelu", t.op("linear", h, t.weight(16, 32), null), "tanh");
        assertLibrary(3, PlanCheck.check(t, TOLERANCE, t.op("linear", h, t.weight(5, 16), t.weight(5))));
    }

    @Test void productsOfManyForms() {
        Value x = t.input(2, 3, 4), y = t.input(2, 4, 5), m = t.input(4, 6), bias = t.input(6), full = t.input(3, 6), a = t.input(3, 4);
        PlanCheck.check(t, TOLERANCE, t.op("bmm", x, y), t.op("matmul", x, m), t.op("matmul", t.op("transpose.int", x, 1, 2), t.input(2, 3, 2)),
            t.op("addmm", bias, a, m), t.op("addmm", full, a, m, 1, 2), t.op("addmm", full, a, m, 3, 1), t.op("mm", t.op("t", m), t.op("t", a)),
            t.op("matmul", t.input(2, 1, 3, 4), t.input(5, 4, 2)), t.op("baddbmm", t.input(1, 3, 5), x, y), t.op("linear", x, t.weight(1, 4), t.weight(1)));
    }

    @Test void operandsWithGaps() {
        Value row = t.op("slice.Tensor", t.input(32), 0, 0, 32, 2), full = t.op("slice.Tensor", t.input(2, 3, 32), 2, 0, 32, 2);
        Value x = t.input(2, 3, 4), w = t.input(4, 16), a = t.input(3, 4);
        for (Value other : new Value[] {row, full}) {
            PlanCheck.check(t, TOLERANCE, t.op("sub.Tensor", t.op("matmul", x, w), other), t.op("mul.Tensor", t.op("matmul", x, w), other),
                t.op("add.Tensor", t.op("matmul", x, w), other), t.op("rsub.Tensor", t.op("matmul", x, w), other));
        }
        PlanCheck.check(t, TOLERANCE, t.op("addmm", row, a, w), t.op("linear", x, t.input(16, 4), row));
        Value channels = t.op("slice.Tensor", t.input(10, 1, 1), 0, 0, 10, 2), image = t.op("slice.Tensor", t.input(1, 5, 6, 12), 3, 0, 12, 2);
        Value conv = t.op("conv2d", t.input(1, 3, 6, 6), t.weight(5, 3, 3, 3), null, 1, 1);
        PlanCheck.check(t, TOLERANCE, t.op("mul.Tensor", conv, channels), t.op("sub.Tensor", conv, image), t.op("add.Tensor", conv, image));
    }

    @Test void productsOfMatricesThatRepeat() {
        Value x = t.op("expand", t.input(1, 3, 4), new long[] {2, 3, 4}), y = t.op("expand", t.input(1, 4, 5), new long[] {2, 4, 5});
        PlanCheck.check(t, TOLERANCE, t.op("matmul", x, y), t.op("matmul", x, t.input(1, 4, 5)), t.op("matmul", x, t.weight(1, 4, 5)),
            t.op("matmul", x, Trace.constant(Views.expand(t.random(1, 4, 5), new long[] {2, 4, 5}))), t.op("bmm", x, t.input(2, 4, 5)));
    }

    @Test void attention() {
        long b = 2, s = 6, h = 2, d = 4;
        Value x = t.input(b, s, h * d);
        Value[] qkv = new Value[3];
        for (int i = 0; i < 3; i++) {
            Value p = t.op("linear", x, t.weight(h * d, h * d), t.weight(h * d));
            qkv[i] = t.op("permute", t.op("view", p, new long[] {b, s, h, d}), new long[] {0, 2, 1, 3});
        }
        Value scores = t.op("div.Scalar", t.op("matmul", qkv[0], t.op("transpose.int", qkv[1], -1, -2)), 2.0);
        Value context = t.op("matmul", t.op("softmax.int", scores, -1, null), qkv[2]);
        Value flat = t.op("view", t.op("contiguous", t.op("permute", context, new long[] {0, 2, 1, 3})), new long[] {b, s, h * d});
        Value out = t.op("linear", flat, t.weight(h * d, h * d), t.weight(h * d));
        PlanCheck.check(t, TOLERANCE, t.op("add.Tensor", out, x, 1));
    }

    @Test void residualBlock() {
        Value x = t.input(2, 8, 7, 7);
        Value y = t.op("relu", t.op("conv2d", x, t.weight(8, 8, 3, 3), t.weight(8), new long[] {1, 1}, new long[] {1, 1}));
        y = t.op("conv2d", y, t.weight(8, 8, 3, 3), t.weight(8), new long[] {1, 1}, new long[] {1, 1});
        Value out = t.op("relu", t.op("add.Tensor", y, x, 1));
        Value pooled = t.op("flatten.using_ints", t.op("adaptive_avg_pool2d", out, new long[] {1, 1}), 1);
        PlanCheck.check(t, TOLERANCE, out, t.op("linear", pooled, t.weight(3, 8), t.weight(3)));
    }

    @Test void convolutionsOfManyForms() {
        for (int d = 1; d <= 3; d++) {
            long[] image = {2, 4, 9, 8, 7}, two = {2, 2, 2}, one = {1, 1, 1};
            Value x = t.input(java.util.Arrays.copyOf(image, d + 2));
            long[] kernel = java.util.Arrays.copyOf(new long[] {6, 4, 3, 2, 3}, d + 2), grouped = java.util.Arrays.copyOf(new long[] {4, 1, 3, 3, 3}, d + 2);
            long[] up = java.util.Arrays.copyOf(new long[] {4, 3, 3, 3, 3}, d + 2);
            long[] s = java.util.Arrays.copyOf(two, d), p = java.util.Arrays.copyOf(one, d);
            String transposed = "conv_transpose" + d + "d" + (d == 1 ? "" : ".input");
            PlanCheck.check(t, TOLERANCE, t.op("conv" + d + "d", x, t.weight(kernel), t.weight(6), s, p), t.op("conv" + d + "d", x, t.weight(kernel), null, p, p, s),
                t.op("hardswish", t.op("conv" + d + "d", x, t.weight(grouped), t.weight(4), s, p, p, 4)),
                t.op("sigmoid", t.op(transposed, x, t.weight(up), t.weight(3), s, p, p)), t.op("conv" + d + "d.padding", x, t.weight(grouped), null, p, "same", p, 4));
        }
    }

    @Test void convolutionsOfOddInputs() {
        Value x = t.input(3, 6, 5);      // no batch dimension
        Value y = t.op("relu", t.op("conv2d", x, t.weight(4, 3, 3, 3), t.weight(4)));
        Value wide = t.op("expand", t.input(1, 3, 1, 6), new long[] {2, 3, 6, 6});
        Tensor turned = Trace.constant(Views.permute(t.random(3, 3, 3, 4), 3, 2, 0, 1));
        PlanCheck.check(t, TOLERANCE, y, t.op("conv2d", wide, turned, null), t.op("add.Tensor", t.op("conv2d", x, t.weight(4, 3, 3, 3), null), t.input(4, 1, 1), 1));
    }

    @Test void arithmeticThatFollows() {
        Value x = t.input(4, 6), other = t.input(4, 5), row = t.input(5), column = t.input(4, 1);
        for (Object with : new Object[] {other, row, column, t.weight(5), t.weight(1)}) {
            for (String op : List.of("add.Tensor", "sub.Tensor", "mul.Tensor", "div.Tensor")) {
                Value product = t.op("mm", x, t.weight(6, 5));
                Value back = t.op("mm", x, t.weight(6, 5));
                PlanCheck.check(t, 1e-3, t.op("tanh", t.op(op, product, with)), t.op(op, with, t.op("add.Scalar", back, 9.0, 1)));
            }
        }
    }
}
