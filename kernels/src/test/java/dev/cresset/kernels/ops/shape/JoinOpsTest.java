package dev.cresset.kernels.ops.shape;

import static dev.cresset.kernels.ops.shape.Calls.assertIs;
import static dev.cresset.kernels.ops.shape.Calls.floats;
import static dev.cresset.kernels.ops.shape.Calls.ints;
import static dev.cresset.kernels.ops.shape.Calls.range;
import static dev.cresset.kernels.ops.shape.Calls.shape;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class JoinOpsTest {
    private final Calls ops = new Calls();

    @Test void catPromotesAndSkipsEmptyVectors() {
        Tensor both = ops.tensor("cat", List.of(floats(), range(1, 2), Tensor.of(new long[] {7, 8}, 1, 2)), -1);
        assertEquals(ScalarType.FLOAT32, both.dtype());
        assertIs(both, shape(1, 4), 0, 1, 7, 8);
        ops.refuses("Sizes of tensors must match except in dimension 0. Expected size 2 but got size 3 for tensor number 1 in the list.",
            "cat", List.of(range(1, 2), range(1, 3)), 0);
    }

    @Test void catWritesItsOutArgument() {
        Tensor out = range(1);
        ops.call("cat.out", List.of(ints(1), ints(2, 3)), 0, out);
        assertIs(out, shape(3), 1, 2, 3);
    }

    @Test void stackOfTransposedTensors() {
        Tensor t = ops.tensor("t", range(2, 2));
        assertIs(ops.tensor("stack", List.of(t, t), 1), shape(2, 2, 2), 0, 2, 0, 2, 1, 3, 1, 3);
    }

    @Test void paddingModes() {
        Tensor x = range(1, 4);
        assertIs(ops.tensor("pad", x, shape(2, 1), "reflect"), shape(1, 7), 2, 1, 0, 1, 2, 3, 2);
        assertIs(ops.tensor("pad", x, shape(2, 1), "replicate"), shape(1, 7), 0, 0, 0, 1, 2, 3, 3);
        assertIs(ops.tensor("pad", range(1, 1, 4), shape(2, 1), "circular"), shape(1, 1, 7), 2, 3, 0, 1, 2, 3, 0);
        assertIs(ops.tensor("pad", x, shape(-1, 1), "constant", 9.0), shape(1, 4), 1, 2, 3, 9);
    }

    @Test void rearranging() {
        Tensor x = range(2, 3);
        assertIs(ops.tensor("roll", x, 1, shape()), shape(2, 3), 5, 0, 1, 2, 3, 4);
        assertIs(ops.tensor("flip", x, shape(0, 1)), shape(2, 3), 5, 4, 3, 2, 1, 0);
        assertIs(ops.tensor("rot90", x), shape(3, 2), 2, 5, 1, 4, 0, 3);
        assertIs(ops.tensor("repeat", floats(1, 2), shape(2, 2)), shape(2, 4), 1, 2, 1, 2, 1, 2, 1, 2);
        assertIs(ops.tensor("repeat_interleave.self_Tensor", floats(1, 2), ints(1, 2), 0), shape(3), 1, 2, 2);
        assertIs(ops.tensor("pixel_shuffle", range(4, 1, 2), 2), shape(1, 2, 4), 0, 2, 1, 3, 4, 6, 5, 7);
    }

    @Test void columnsOfWindowsSumBackToTheImage() {
        Tensor columns = ops.tensor("im2col", range(1, 3, 3), shape(2, 2), shape(1, 1), shape(0, 0), shape(1, 1));
        assertIs(columns, shape(4, 4), 0, 1, 3, 4, 1, 2, 4, 5, 3, 4, 6, 7, 4, 5, 7, 8);
        Tensor image = ops.tensor("col2im", columns, shape(3, 3), shape(2, 2), shape(1, 1), shape(0, 0), shape(1, 1));
        assertIs(image, shape(1, 3, 3), 0, 2, 2, 6, 16, 10, 6, 14, 8);
    }
}
