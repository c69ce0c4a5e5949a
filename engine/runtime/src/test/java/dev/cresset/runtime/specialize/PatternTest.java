package dev.cresset.runtime.specialize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.op.MetaExecution;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PatternTest {
    private static final Device GPU = new Device("cuda", 0);

    private static Tensor tensor(ScalarType dtype, Device device, long[] sizes, long... strides) {
        return MetaExecution.tensor(TensorType.of(dtype, device, sizes, strides, false));
    }

    private static final Tensor EXPECTED = tensor(ScalarType.FLOAT32, GPU, new long[] {2, 3}, 3, 1);

    private static Stream<Tensor> oneFactOff() {
        return Stream.of(
            tensor(ScalarType.FLOAT64, GPU, new long[] {2, 3}, 3, 1),
            tensor(ScalarType.INT32, GPU, new long[] {2, 3}, 3, 1),
            tensor(ScalarType.FLOAT32, Device.CPU, new long[] {2, 3}, 3, 1),
            tensor(ScalarType.FLOAT32, new Device("cuda", 1), new long[] {2, 3}, 3, 1),
            tensor(ScalarType.FLOAT32, GPU, new long[] {2, 4}, 3, 1),
            tensor(ScalarType.FLOAT32, GPU, new long[] {3, 3}, 3, 1),
            tensor(ScalarType.FLOAT32, GPU, new long[] {6}, 1),
            tensor(ScalarType.FLOAT32, GPU, new long[] {1, 2, 3}, 6, 3, 1),
            tensor(ScalarType.FLOAT32, GPU, new long[] {2, 3}, 1, 2),
            tensor(ScalarType.FLOAT32, GPU, new long[] {2, 3}, 0, 1),
            tensor(ScalarType.FLOAT32, GPU, new long[] {2, 3}, 6, 2));
    }

    @ParameterizedTest
    @MethodSource("oneFactOff")
    void aTensorOfAnotherTypeDoesNotMatch(Tensor other) {
        Pattern.OfTensor pattern = Pattern.OfTensor.of(EXPECTED);
        assertTrue(pattern.matches(tensor(ScalarType.FLOAT32, GPU, new long[] {2, 3}, 3, 1)));
        assertFalse(pattern.matches(other));
        assertNotEquals(pattern, Pattern.OfTensor.of(other));
        assertFalse(pattern.mismatch("x", other).endsWith("got " + pattern.expected()), "the sentence says the difference");
    }

    @Test void aTensorIsExpected() {
        Pattern.OfTensor pattern = Pattern.OfTensor.of(EXPECTED);
        assertFalse(pattern.matches(null));
        assertFalse(pattern.matches(2.0));
    }

    @Test void numbersAreComparedByTypeAndBits() {
        assertTrue(new Pattern.OfConstant(2L).matches(2L));
        assertFalse(new Pattern.OfConstant(2L).matches(3L));
        assertFalse(new Pattern.OfConstant(2L).matches(2.0));
        assertFalse(new Pattern.OfConstant(1L).matches(true));
        assertFalse(new Pattern.OfConstant(0.0).matches(-0.0));
        assertTrue(new Pattern.OfConstant(Double.NaN).matches(Double.NaN));
        assertFalse(new Pattern.OfConstant("a").matches("b"));
        assertFalse(new Pattern.OfConstant(true).matches(false));
        assertFalse(new Pattern.OfConstant(Device.CPU).matches(GPU));
        assertFalse(new Pattern.OfConstant(2L).matches(null));
    }

    @Test void aValueIsNotNone() {
        assertTrue(new Pattern.OfAny(false).matches(2L));
        assertFalse(new Pattern.OfAny(false).matches(null));
        assertTrue(new Pattern.OfAny(true).matches(null));
        assertFalse(new Pattern.OfAny(true).matches(2L));
    }

    @Test void listsAreOfAsManyElements() {
        Pattern pattern = new Pattern.OfElements(true, List.of(new Pattern.OfConstant(1L), new Pattern.OfConstant(2L)));
        assertTrue(pattern.matches(ScriptList.ofLongs(1, 2)));
        assertFalse(pattern.matches(ScriptList.ofLongs(1)));
        assertFalse(pattern.matches(ScriptList.ofLongs(1, 2, 3)));
        assertFalse(pattern.matches(ScriptList.ofLongs(1, 3)));
        assertFalse(pattern.matches(new ScriptList(SimpleType.INT)));
        assertEquals("l[1]: expected 2, got 3", pattern.mismatch("l", ScriptList.ofLongs(1, 3)));
    }
}
