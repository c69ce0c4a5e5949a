package dev.cresset.ir.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TestOperatorsTest {
    @Test void keepsTheOrderOfOverloads() {
        var add = TestOperators.common().overloads("aten::add");
        assertEquals("aten::add.Tensor", add.getFirst().schema().qualifiedName());
        assertEquals("aten::add", add.getLast().schema().qualifiedName());
    }

    @Test void knowsEffectsThatSchemasDoNotTell() {
        var ops = TestOperators.of("aten::rand_like(Tensor self) -> Tensor", "aten::warn(str message) -> ()");
        assertTrue(ops.find("aten::rand_like").orElseThrow().isNondeterministic());
        assertTrue(ops.find("aten::warn").orElseThrow().hasSideEffects());
        assertFalse(ops.find("aten::rand_like").orElseThrow().hasSideEffects());
    }
}
