package dev.cresset.cli.input;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.DictType;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.OptionalType;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.Type;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.tensor.Tensor;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InputParserTest {
    private static Object fit(String input, Type type) {
        try {
            return ArgumentFitter.fit(new InputParser(new Generator(0)).parse(input), type);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Object plain(String input) { return fit(input, SimpleType.ANY); }

    @Test void wordsBecomeWhatTheyLookLike() {
        assertEquals(3L, plain("3"));
        assertEquals(-2.5, plain("-2.5"));
        assertEquals(1e-3, plain("1e-3"));
        assertEquals(Double.NEGATIVE_INFINITY, plain("-inf"));
        assertEquals(new Complex(1, -2), plain("1-2j"));
        assertEquals(true, plain("true"));
        assertNull(plain("none"));
        assertEquals("some text", plain("some text"));
        assertEquals("it's", plain("\"it's\""));
    }

    @Test void containersNest() {
        assertEquals(List.of(1L, List.of(2L, "x")), plain("[1, [2, 'x']]"));
        assertInstanceOf(ScriptTuple.class, plain("(1, 2)"));
        assertEquals(Map.of("a", 1L, "b", List.of()), plain("{a: 1, 'b': []}"));
        Object tensors = plain("[f32[2,3], i64[4]=arange]");
        assertArrayEquals(new long[] {0, 1, 2, 3}, ((Tensor) ((List<?>) tensors).get(1)).toLongArray());
    }

    @Test void valuesFitDeclaredTypes() {
        assertEquals("3", fit("3", SimpleType.STR));
        assertEquals("none", fit("none", SimpleType.STR));
        assertNull(fit("none", new OptionalType(SimpleType.STR)));
        assertEquals(0, ((Tensor) fit("3", TensorType.ANY)).dim());
        assertEquals(ScalarType.INT64, ((Tensor) fit("3", TensorType.ANY)).dtype());
        assertEquals(4L, fit("i64[]=4", SimpleType.INT));
        assertEquals(4.0, fit("i64[1]=4", SimpleType.FLOAT));
        assertEquals(List.of("1", "2"), fit("[1,2]", new ListType(SimpleType.STR)));
        assertEquals(Map.of("1", 2L), fit("{1: 2}", new DictType(SimpleType.STR, SimpleType.INT)));
    }

    @Test void listsOfNumbersBecomeTensors() {
        Tensor t = (Tensor) fit("[[1, 2.5, true], [4, 5, 6]]", new OptionalType(TensorType.ANY));
        assertEquals(ScalarType.FLOAT32, t.dtype());
        assertArrayEquals(new long[] {2, 3}, t.sizes());
        assertArrayEquals(new float[] {1, 2.5f, 1, 4, 5, 6}, t.toFloatArray());
        assertThrows(IllegalArgumentException.class, () -> fit("[[1,2],[3]]", TensorType.ANY));
    }

    @Test void tensorsAreMadeForEveryElementType() {
        for (ScalarType t : ScalarType.values()) {
            if (t.isQuantized() || t == ScalarType.COMPLEX32) continue;
            Tensor made = (Tensor) plain(t.shortName() + "[2,3]");
            assertEquals(t, made.dtype());
            assertEquals(6, made.numel());
            assertEquals(1, ((Tensor) plain(t.shortName() + "[2]=ones")).toComplexArray()[1].re());
        }
        long[] ids = ((Tensor) plain("i64[1000]=3..7")).toLongArray();
        assertTrue(java.util.Arrays.stream(ids).allMatch(i -> i >= 3 && i < 7));
        double[] normal = ((Tensor) plain("f64[10000]")).toDoubleArray();
        assertEquals(0, java.util.Arrays.stream(normal).average().orElseThrow(), 0.05);
    }

    @Test void mistakesAreNamed() {
        for (String wrong : List.of("[1,2", "[1 2,]]", "{a 1}", "f32[2]=many", "q8[1]", "'open",
            "99999999999999999999", "none.npy")) {
            Throwable e = assertThrows(Throwable.class, () -> new InputParser(new Generator(0)).parse(wrong));
            assertTrue(e instanceof IllegalArgumentException || e instanceof IOException, wrong + ": " + e);
        }
    }
}
