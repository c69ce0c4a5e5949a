package dev.cresset.kernels.ops.shape;

import static dev.cresset.kernels.ops.shape.Calls.assertIs;
import static dev.cresset.kernels.ops.shape.Calls.shape;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class CreationOpsTest {
    private final Calls ops = new Calls();

    @Test void numbersDecideTheType() {
        assertEquals(ScalarType.INT64, ops.tensor("arange", 3).dtype());
        assertEquals(ScalarType.FLOAT32, ops.tensor("arange", 3.0).dtype());
        assertEquals(ScalarType.BOOL, ops.tensor("full", shape(2), true).dtype());
        assertEquals(ScalarType.INT64, ops.tensor("full", shape(2), 7).dtype());
        assertEquals(ScalarType.FLOAT64, ((Tensor) ops.context().call("prim::NumToTensor.Scalar", 0.5)).dtype());
    }

    @Test void rangesEndBeforeTheirEnd() {
        assertIs(ops.tensor("arange.start_step", 1, 2.0, 0.25), shape(4), 1, 1.25, 1.5, 1.75);
        assertIs(ops.tensor("arange.start_step", 5, 0, -2), shape(3), 5, 3, 1);
        ops.refuses("upper bound and larger bound inconsistent with step sign", "arange.start_step", 5, 0, 2);
        assertIs(ops.tensor("linspace", 0, 1, 5), shape(5), 0, 0.25, 0.5, 0.75, 1);
    }

    @Test void nestedListsBecomeTensors() {
        ListType row = new ListType(SimpleType.FLOAT);
        ScriptList rows = new ScriptList(row, List.of(new ScriptList(SimpleType.FLOAT, List.of(1.0, 2.0)),
            new ScriptList(SimpleType.FLOAT, List.of(3.0, 4.0))));
        Tensor t = ops.tensor("tensor", rows);
        assertEquals(ScalarType.FLOAT32, t.dtype());
        assertIs(t, shape(2, 2), 1, 2, 3, 4);
        rows.set(1, new ScriptList(SimpleType.FLOAT, List.of(3.0)));
        ops.refuses("Expected sequence of length 2 at dim 1 (got 1)", "tensor", rows);
        assertEquals(ScalarType.INT64, ops.tensor("tensor", new ScriptList(SimpleType.INT)).dtype());
    }

    @Test void windowsAndTriangles() {
        assertIs(ops.tensor("hann_window", 4), shape(4), 0, 0.5, 1, 0.5);
        assertIs(ops.tensor("hann_window.periodic", 3, false), shape(3), 0, 1, 0);
        assertIs(ops.tensor("tril_indices", 2, 3, 1), shape(2, 5), 0, 0, 1, 1, 1, 0, 1, 0, 1, 2);
        assertIs(ops.tensor("tril", Calls.range(2, 3)), shape(2, 3), 0, 0, 0, 3, 4, 0);
        assertIs(ops.tensor("diag_embed", Calls.floats(1, 2), 1), shape(3, 3), 0, 1, 0, 0, 0, 2, 0, 0, 0);
        assertIs(ops.tensor("eye.m", 2, 3), shape(2, 3), 1, 0, 0, 0, 1, 0);
    }
}
