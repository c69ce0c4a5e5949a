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
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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

    /** As in a call on a device: what is made is there, or where an argument says; what is computed is where its tensors are. */
    @Test void tensorsAreMadeOnTheDeviceOfTheCall() {
        Device cuda = new Device("cuda", 0);
        MetaExecution there = new MetaExecution(catalog, cuda);
        Object[] made = {ScriptList.ofLongs(2, 3), null, null, null, null}, onHost = {ScriptList.ofLongs(2, 3), null, null, Device.CPU, null};
        Tensor zeros = (Tensor) there.run(catalog.get("aten::zeros"), made).orElseThrow().value();
        assertEquals(cuda, zeros.device());
        assertEquals(cuda, ((Tensor) there.run(catalog.get("aten::zeros_like"), zeros, null, null, null, null, null).orElseThrow().value()).device());
        assertEquals(Device.CPU, ((Tensor) there.run(catalog.get("aten::zeros"), onHost).orElseThrow().value()).device());
        assertEquals(Device.CPU, ((Tensor) there.run(catalog.get("aten::add.Tensor"), floats(3), floats(3), 1L).orElseThrow().value()).device());
    }

    @Test void sizesAreNumbers() { assertEquals(3L, run("aten::size.int", floats(2, 3), 1L)); }

    @Test void whatNeedsElementsIsNotKnown() {
        assertFalse(meta.run(catalog.get("aten::item"), floats()).isPresent());
        assertFalse(meta.run(catalog.get("aten::nonzero"), floats(3)).isPresent());
        assertFalse(meta.run(catalog.get("aten::tensor"), ScriptList.ofTensors(List.of(floats())), null, null, false).isPresent());
    }

    @Test void whatFailsIsNotKnown() { assertFalse(meta.run(catalog.get("aten::mm"), floats(2, 3), floats(2, 3)).isPresent()); }

    @Test void inPlaceOperatorsReturnTheWrittenTensor() {
        Tensor x = floats(2, 3);
        assertSame(x, run("aten::add_.Tensor", x, floats(3), 1L));
        assertFalse(meta.run(catalog.get("aten::add_.Tensor"), floats(3), x, 1L).isPresent());
    }

    private static Tensor of(ScalarType dtype, long... sizes) {
        return MetaExecution.tensor(TensorType.of(dtype, Device.CPU, sizes, Shapes.contiguousStrides(sizes), false));
    }

    private static Tensor longs(long... sizes) { return of(ScalarType.INT64, sizes); }

    private long[] indexed(Tensor self, Tensor... indices) {
        Tensor out = (Tensor) run("aten::index.Tensor", self, new ScriptList(TensorType.ANY, Arrays.asList(indices)));
        assertTrue(out.storage().isMeta());
        assertTrue(out.isContiguous());
        return out.sizes();
    }

    @Test void indexingByNumbersGivesTheShapeOfTheIndices() {
        Tensor x = floats(4, 5, 6);
        assertArrayEquals(new long[] {7, 5, 6}, indexed(x, longs(7)));
        assertArrayEquals(new long[] {5, 6}, indexed(x, longs()));
        assertArrayEquals(new long[] {0, 5, 6}, indexed(x, longs(0)));
        assertArrayEquals(new long[] {4, 2, 3, 6}, indexed(x, null, longs(2, 3)));
        assertArrayEquals(new long[] {4, 2, 3}, indexed(x, null, longs(2, 1), longs(3)), "adjacent indices stay where they are");
        assertArrayEquals(new long[] {2, 3, 5}, indexed(x, longs(2, 1), null, longs(3)), "others go to the front");
    }

    @Test void indexingByNumbersThatDoNotFitIsNotKnown() {
        ScriptList apart = new ScriptList(TensorType.ANY, Arrays.asList(longs(2), longs(3)));
        assertFalse(meta.run(catalog.get("aten::index.Tensor"), floats(4, 5), apart).isPresent());
        ScriptList tooMany = new ScriptList(TensorType.ANY, Arrays.asList(longs(2), longs(2), longs(2)));
        assertFalse(meta.run(catalog.get("aten::index.Tensor"), floats(4, 5), tooMany).isPresent());
    }

    @ParameterizedTest
    @EnumSource(names = {"BOOL", "UINT8"})
    void whatAMaskChoosesIsNotKnown(ScalarType dtype) {
        ScriptList masked = new ScriptList(TensorType.ANY, Arrays.asList(of(dtype, 4)));
        assertFalse(meta.run(catalog.get("aten::index.Tensor"), floats(4, 5), masked).isPresent());
        ScriptList mixed = new ScriptList(TensorType.ANY, Arrays.asList(longs(1), of(dtype, 5)));
        assertFalse(meta.run(catalog.get("aten::index.Tensor"), floats(4, 5), mixed).isPresent());
    }

    @Test void cellsGiveStatesOfTheSizesTheyGot() {
        Object[] states = (Object[]) run("aten::lstm_cell", floats(2, 3), ScriptList.ofTensors(List.of(floats(2, 5), floats(2, 5))),
            floats(20, 3), floats(20, 5), floats(20), floats(20));
        assertEquals(2, states.length);
        for (Object s : states) assertArrayEquals(new long[] {2, 5}, ((Tensor) s).sizes());
        assertNotSame(((Tensor) states[0]).storage(), ((Tensor) states[1]).storage());
        Tensor unbatched = (Tensor) run("aten::gru_cell", floats(3), floats(5), floats(15, 3), floats(15, 5), null, null);
        assertArrayEquals(new long[] {5}, unbatched.sizes());
    }
}
