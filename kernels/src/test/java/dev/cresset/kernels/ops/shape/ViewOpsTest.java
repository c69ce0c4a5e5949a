package dev.cresset.kernels.ops.shape;

import static dev.cresset.kernels.ops.shape.Calls.assertIs;
import static dev.cresset.kernels.ops.shape.Calls.range;
import static dev.cresset.kernels.ops.shape.Calls.shape;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class ViewOpsTest {
    private final Calls ops = new Calls();

    @Test void slicesClampAndStep() {
        Tensor x = range(2, 5);
        assertIs(ops.tensor("slice.Tensor", x, 1, -2, 100, 1), shape(2, 2), 3, 4, 8, 9);
        assertIs(ops.tensor("slice.Tensor", x, 1, null, null, 2), shape(2, 3), 0, 2, 4, 5, 7, 9);
        assertIs(ops.tensor("slice.Tensor", x, 1, 3, 1, 1), shape(2, 0));
        ops.refuses("slice step must be positive", "slice.Tensor", x, 1, 0, 2, 0);
    }

    @Test void selectNamesTheSizeAndDimension() {
        Tensor x = range(3);
        assertEquals(2.0, ops.tensor("select.int", x, 0, -1).item());
        ops.refuses("select(): index 3 out of range for tensor of size [3] at dimension 0", "select.int", x, 0, 3);
    }

    @Test void viewsShareMemoryAndReshapeCopiesOnlyWhereItMust() {
        Tensor x = range(2, 3);
        assertSame(x.storage(), ops.tensor("reshape", x, shape(3, -1)).storage());
        Tensor t = ops.tensor("t", x);
        Tensor copied = ops.tensor("reshape", t, shape(-1));
        assertNotSame(x.storage(), copied.storage());
        assertIs(copied, shape(6), 0, 3, 1, 4, 2, 5);
        ops.refuses("shape '[4, -1]' is invalid for input of size 6", "view", x, shape(4, -1));
        ops.refuses("view size is not compatible with input tensor's size and stride (at least one dimension spans across two "
            + "contiguous subspaces). Use .reshape(...) instead.", "view", t, shape(6));
    }

    @Test void expandRepeatsWithoutCopying() {
        Tensor x = ops.tensor("expand", range(3, 1), shape(2, -1, 2));
        assertIs(x, shape(2, 3, 2), 0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2);
        assertArrayEquals(shape(0, 1, 0), x.strides());
    }

    @Test void inPlaceViewsChangeTheTensorItself() {
        Tensor x = range(2, 3);
        assertSame(x, ops.tensor("transpose_", x, 0, 1));
        assertSame(x, ops.tensor("unsqueeze_", x, 0));
        assertIs(x, shape(1, 3, 2), 0, 3, 1, 4, 2, 5);
    }

    @Test void splitsAreUneven() {
        List<Tensor> chunks = ops.list("chunk", range(5), 2, 0);
        assertIs(chunks.get(0), shape(3), 0, 1, 2);
        assertIs(chunks.get(1), shape(2), 3, 4);
        List<Tensor> sections = ops.list("tensor_split.sections", range(5), 3, 0);
        assertIs(sections.get(2), shape(1), 4);
    }

    @Test void complexNumbersAreViewedAsPairs() {
        Tensor z = ops.tensor("view_as_complex", range(2, 2));
        assertEquals(ScalarType.COMPLEX64, z.dtype());
        assertEquals(3.0, z.toComplexArray()[1].im());
        assertIs(ops.tensor("view_as_real", z), shape(2, 2), 0, 1, 2, 3);
    }

    @Test void conversionsWithoutEffectReturnTheTensorItself() {
        Tensor x = range(2);
        assertSame(x, ops.tensor("to.dtype", x, ScalarType.FLOAT32));
        assertNotSame(x, ops.tensor("to.dtype", x, ScalarType.FLOAT32, false, true));
        Tensor n = ops.tensor("to.dtype", Calls.floats(-1.7, 2.5), ScalarType.INT64);
        assertArrayEquals(new long[] {-1, 2}, n.toLongArray());
    }
}
