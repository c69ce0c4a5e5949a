package dev.cresset.kernels.ops.shape;

import static dev.cresset.kernels.ops.shape.Calls.assertIs;
import static dev.cresset.kernels.ops.shape.Calls.floats;
import static dev.cresset.kernels.ops.shape.Calls.ints;
import static dev.cresset.kernels.ops.shape.Calls.range;
import static dev.cresset.kernels.ops.shape.Calls.shape;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class IndexOpsTest {
    private final Calls ops = new Calls();

    @Test void adjacentIndicesStayInPlaceOthersGoToTheFront() {
        Tensor x = range(2, 3, 4);
        assertIs(ops.tensor("index.Tensor", x, Arrays.asList(null, ints(2, 0), ints(1, -1))), shape(2, 2), 9, 3, 21, 15);
        assertIs(ops.tensor("index.Tensor", x, Arrays.asList(ints(0, 1), null, ints(3, 0))), shape(2, 3), 3, 7, 11, 12, 16, 20);
        ops.refuses("index 3 is out of bounds for dimension 1 with size 3", "index.Tensor", x, Arrays.asList(null, ints(3)));
        ops.refuses("shape mismatch: indexing tensors could not be broadcast together with shapes [2], [3]",
            "index.Tensor", x, Arrays.asList(ints(0, 1), ints(0, 1, 2)));
    }

    @Test void masksSelectInOrder() {
        Tensor x = range(2, 2);
        Tensor mask = ops.tensor("to.dtype", Tensor.of(new long[] {0, 1, 1, 0}, 2, 2), ScalarType.BOOL);
        assertIs(ops.tensor("index.Tensor", x, Arrays.asList(mask)), shape(2), 1, 2);
        assertIs(ops.tensor("masked_select", x, mask), shape(2), 1, 2);
        assertIs(ops.tensor("nonzero", mask), shape(2, 2), 0, 1, 1, 0);
    }

    @Test void writingThroughIndices() {
        Tensor x = range(2, 3);
        ops.call("index_put_", x, Arrays.asList(null, ints(0, 0)), floats(10), true);
        assertIs(x, shape(2, 3), 20, 1, 2, 23, 4, 5);
        Tensor columns = ops.tensor("t", range(2, 2));
        ops.call("index_put_", columns, Arrays.asList(ints(1)), floats(7, 8), false);
        assertIs(columns, shape(2, 2), 0, 2, 7, 8);
    }

    @Test void gatherAndScatter() {
        Tensor x = range(2, 2);
        Tensor index = Tensor.of(new long[] {1, 0, 0, 0}, 2, 2);
        assertIs(ops.tensor("gather", x, 1, index), shape(2, 2), 1, 0, 2, 2);
        assertIs(ops.tensor("scatter_add", x, 0, index, range(2, 2)), shape(2, 2), 2, 5, 2, 3);
        assertIs(ops.tensor("scatter_reduce.two", x, 1, index, range(2, 2), "mean", false), shape(2, 2), 1, 0, 2.5, 3);
        assertIs(ops.tensor("scatter_reduce.two", x, 1, index, range(2, 2), "amax", true), shape(2, 2), 1, 1, 3, 3);
        assertIs(ops.tensor("index_add", x, 0, ints(1, 1), range(2, 2), 2), shape(2, 2), 0, 1, 6, 11);
        ops.refuses("index 5 is out of bounds for dimension 0 with size 2", "gather", x, 0, Tensor.of(new long[] {5}, 1, 1));
    }

    @Test void embeddings() {
        Tensor table = range(3, 2);
        assertIs(ops.tensor("embedding", table, Tensor.of(new long[] {2, 0}, 1, 2)), shape(1, 2, 2), 4, 5, 0, 1);
        ops.refuses("index out of range in self", "embedding", table, ints(3));
        Tensor bags = (Tensor) ((Object[]) ops.call("embedding_bag", table, ints(0, 1, 2), ints(0, 2), false, 1))[0];
        assertIs(bags, shape(2, 2), 1, 2, 4, 5);
    }

    @Test void uniqueSearchAndCounts() {
        Object[] unique = (Object[]) ops.call("_unique2", ints(3, 1, 3), true, true, true);
        assertIs((Tensor) unique[0], shape(2), 1, 3);
        assertIs((Tensor) unique[1], shape(3), 1, 0, 1);
        assertIs((Tensor) unique[2], shape(2), 1, 2);
        assertIs(ops.tensor("searchsorted.Tensor", floats(1, 3, 3, 5), floats(3, 9)), shape(2), 1, 4);
        assertIs(ops.tensor("bucketize.Tensor", floats(3), floats(1, 3, 5), false, true), shape(1), 2);
        assertIs(ops.tensor("bincount", ints(1, 3, 1)), shape(4), 0, 2, 0, 1);
    }

    @Test void boxesAreSuppressedAndRegionsAligned() {
        Tensor boxes = Tensor.of(new float[] {0, 0, 10, 10, 1, 1, 11, 11, 20, 20, 30, 30}, 3, 4);
        Tensor kept = (Tensor) ops.context().call("torchvision::nms", boxes, floats(0.5, 0.9, 0.7), 0.5);
        assertIs(kept, shape(2), 1, 2);
        Tensor roi = Tensor.of(new float[] {0, 0, 0, 4, 4}, 1, 5);
        Tensor aligned = (Tensor) ops.context().call("torchvision::roi_align", range(1, 1, 4, 4), roi, 1.0, 2, 2, 2, true);
        assertIs(aligned, shape(1, 1, 2, 2), 2.5, 4.5, 10.5, 12.5);
    }
}
