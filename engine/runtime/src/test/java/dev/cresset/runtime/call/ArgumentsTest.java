package dev.cresset.runtime.call;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.schema.FunctionSchema;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.kernels.value.ScriptDict;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.ScriptTuple;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ArgumentsTest {
    private static Object[] bind(String arguments, List<?> positional, Map<String, ?> named) {
        FunctionSchema schema = FunctionSchema.parse("m::forward(Any self, " + arguments + ") -> Tensor");
        return Arguments.bind(schema, "forward", positional, named);
    }

    private static Object one(String argument, Object value) { return bind(argument, Arrays.asList(value), Map.of())[0]; }

    @Test void numbersTakeTheDeclaredType() {
        assertEquals(3L, one("int x", 3));
        assertEquals(3.0, one("float x", 3));
        assertEquals(0.5, one("float? x", 0.5f));
        assertNull(one("float? x", null));
        assertThrows(ScriptError.class, () -> one("int x", 0.5));
        assertEquals(1L, one("int x", true), "a bool is an int to Python");
    }

    @Test void containersTakeTheDeclaredElementTypes() {
        ScriptList list = assertInstanceOf(ScriptList.class, one("float[] x", new long[] {1, 2}));
        assertEquals(SimpleType.FLOAT, list.elementType());
        assertEquals(List.of(1.0, 2.0), list);
        ScriptTuple tuple = assertInstanceOf(ScriptTuple.class, one("(int, str) x", List.of(1, "a")));
        assertEquals(List.of(1L, "a"), tuple);
        ScriptDict dict = assertInstanceOf(ScriptDict.class, one("Dict(str, int) x", Map.of("a", 1)));
        assertEquals(Map.of("a", 1L), dict);
    }

    @Test void elementsOfAnotherTypeAreRefused() {
        assertThrows(ScriptError.class, () -> one("int[] x", List.of(1, "a")));
        assertThrows(ScriptError.class, () -> one("Dict(str, int) x", Map.of(1, 1)));
        assertThrows(ScriptError.class, () -> one("Dict(str, int) x", Map.of("a", "b")));
    }

    @Test void scriptContainersAreTheCallersOwn() {
        ScriptList list = ScriptList.ofLongs(1, 2);
        assertSame(list, one("int[] x", list));
    }

    @Test void namesAndDefaultsFillTheRest() {
        Object[] values = bind("int a, int b=5, str c=\"x\"", List.of(1), Map.of("c", "y"));
        assertEquals(List.of(1L, 5L, "y"), Arrays.asList(values));
        ScriptError twice = assertThrows(ScriptError.class, () -> bind("int a", List.of(1), Map.of("a", 2)));
        assertTrue(twice.reason().contains("'a'") && twice.reason().contains("twice"), twice.reason());
        ScriptError unknown = assertThrows(ScriptError.class, () -> bind("int a", List.of(1), Map.of("z", 2)));
        assertTrue(unknown.reason().contains("'z'"), unknown.reason());
    }
}
