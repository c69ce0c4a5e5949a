package dev.cresset.kernels.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.ops.Operators;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import org.junit.jupiter.api.Test;

class MetaExecutionTest {
    private final Catalog catalog = Operators.catalog();
    private final MetaExecution meta = new MetaExecution(catalog);

    private static Tensor floats(long... sizes) {
        return MetaExecution.tensor(TensorType.of(ScalarType.FLOAT32, Device.CPU, sizes, Shapes.contiguousStrides(sizes), false));
    }

    private Object run(String operator, Object... arguments) {
        return meta.run(catalog.get(operator), arguments).orElseThrow().value();
    }

    @Test void kernelsAndPointwiseOperatorsGiveTheirShapes() {
        assertArrayEquals(new long[] {2, 5}, ((Tensor) run("aten::mm", floats(2, 3), floats(3, 5))).sizes());
        Tensor sum = (Tensor) run("aten::add.Tensor", floats(2, 1), floats(3), 1L);
        assertArrayEquals(new long[] {2, 3}, sum.sizes());
        assertTrue(sum.storage().isMeta());
    }

    @Test void viewsShareTheStorageAndCopiesDoNot() {
        Tensor x = floats(2, 3);
        Tensor t = (Tensor) run("aten::t", x);
        assertSame(x.storage(), t.storage());
        assertSame(t.storage(), ((Tensor) run("aten::unsqueeze", t, 0L)).storage());
        assertNotSame(t.storage(), ((Tensor) run("aten::reshape", t, ScriptList.ofLongs(6))).storage());
    }

    @Test void compositesRunThroughToTheShapesOfTheirParts() {
        Tensor product = (Tensor) run("aten::matmul", floats(4, 1, 2, 3), floats(5, 3, 7));
        assertArrayEquals(new long[] {4, 5, 2, 7}, product.sizes());
    }

    @Test void sizesAreNumbers() { assertEquals(3L, run("aten::size.int", floats(2, 3), 1L)); }

    @Test void whatNeedsElementsIsNotKnown() {
        assertFalse(meta.run(catalog.get("aten::item"), floats()).isPresent());
        assertFalse(meta.run(catalog.get("aten::nonzero"), floats(3)).isPresent());
        assertFalse(meta.run(catalog.get("aten::tensor"), ScriptList.ofTensors(java.util.List.of(floats())), null, null, false).isPresent());
    }

    @Test void whatFailsIsNotKnown() { assertFalse(meta.run(catalog.get("aten::mm"), floats(2, 3), floats(2, 3)).isPresent()); }

    @Test void inPlaceOperatorsReturnTheWrittenTensor() {
        Tensor x = floats(2, 3);
        assertSame(x, run("aten::add_.Tensor", x, floats(3), 1L));
        assertFalse(meta.run(catalog.get("aten::add_.Tensor"), floats(3), x, 1L).isPresent());
    }
}
