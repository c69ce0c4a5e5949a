package dev.cresset.kernels.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Plans give what their operators give one by one. */
class StaticPlanTest {
    private final Trace t = new Trace(1);

    @Test void pointwise() {
        Value x = t.input(3, 4), y = t.input(4);
        Value s = t.op("add.Tensor", x, y, 2);
        PlanCheck.check(t, 0, t.op("sigmoid", t.op("mul.Tensor", s, x)), s);
    }

    @Test void viewsCostNothing() {
        Value x = t.input(2, 12);
        List<Value> parts = t.ops("chunk", x, 4, 1);
        Value a = t.op("add.Tensor", parts.get(1), parts.get(3), 1);
        Value b = t.op("mul.Tensor", t.op("t", a), t.op("t", parts.get(0)));
        String text = PlanCheck.check(t, 0, b);
        assertEquals(2, text.lines().count(), text);
    }

    @Test void resultsThatAreViewsInputsOrConstants() {
        Value x = t.input(2, 3);
        Value y = t.op("relu", x);
        PlanCheck.check(t, 0, t.op("t", y), y, y, x, t.op("select.int", x, 0, 1), t.op("reshape", y, new long[] {6}));
    }

    @Test void reshapesOfTransposed() {
        Value x = t.input(2, 3, 4);
        Value y = t.op("relu", t.op("transpose.int", x, 1, 2));
        PlanCheck.check(t, 0, t.op("reshape", y, new long[] {8, 3}), t.op("view", t.op("contiguous", y), new long[] {24}), t.op("flatten.using_ints", y, 1));
    }

    @Test void stridesThatTheProgramSees() {
        Value x = t.input(1, 3, 4, 5);
        Value y = t.op("conv2d", x, t.weight(6, 3, 3, 3), t.weight(6));
        PlanCheck.check(t, 1e-5, t.op("as_strided", y, new long[] {2, 3}, new long[] {3, 1}, 1), t.op("relu", y));
    }

    @Test void compositionsAndOtherTypes() {
        Value x = t.input(3, 5), i = t.input(Tensor.of(new long[] {2, 0}, 2));
        Value rows = t.op("index_select", x, 0, i);
        Value gathered = t.op("index.Tensor", x, List.of(i));
        Value wide = t.op("to.dtype", t.op("matmul", rows, t.op("t", x)), ScalarType.FLOAT64, false, false, null);
        List<Value> sorted = t.ops("sort", x, 1, true);
        PlanCheck.check(t, 1e-5, t.op("softmax.int", wide, 1, null), t.op("add.Tensor", gathered, rows, 1), sorted.get(0), sorted.get(1),
            t.op("cat", List.of(x, rows), 0), t.op("gt.Scalar", x, 0.0));
    }

    @Test void recurrentNetwork() {
        Value x = t.input(4, 2, 3), h = t.input(1, 2, 5), c = t.input(1, 2, 5);
        List<Tensor> parameters = List.of(t.weight(20, 3), t.weight(20, 5), t.weight(20), t.weight(20));
        List<Value> r = t.ops("lstm.input", x, List.of(h, c), parameters, true, 1, 0.0, false, false, false);
        PlanCheck.check(t, 1e-5, r.get(0), t.op("add.Tensor", r.get(1), r.get(2), 1), r.get(1));
    }

    @Test void recurrentCell() {
        Value x = t.input(2, 3), h = t.input(2, 5), c = t.input(2, 5);
        List<Value> r = t.ops("lstm_cell", x, List.of(h, c), t.weight(20, 3), t.weight(20, 5), t.weight(20), t.weight(20));
        PlanCheck.check(t, 1e-5, r.get(0), t.op("mul.Tensor", t.op("tanh", r.get(1)), r.get(0)));
    }

    @Test void droppedOut() {
        Value x = t.input(3, 5);
        PlanCheck.check(t, 0, t.op("relu", t.op("dropout", x, 0.5, false)));
    }
}
