package dev.cresset.ir.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.SimpleType;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.jupiter.api.Test;

class SchemaParserTest {
    @ParameterizedTest
    @ValueSource(strings = {
        "aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor",
        "aten::add_.Scalar(Tensor(a!) self, Scalar other, Scalar alpha=1) -> Tensor(a!)",
        "aten::append.t(t[](a!) self, t(c -> *) el) -> t[](a!)",
        "aten::conv2d(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, int[2] padding=0) -> Tensor",
        "aten::max.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)",
        "aten::items.str(Dict(str, t) self) -> (str, t)[]",
        "aten::format(str self, ...) -> str",
        "aten::wait(Future[t] self) -> t",
        "aten::warn(str message, int stacklevel=2) -> ()",
        "aten::pad(Tensor self, int[] pad, str mode=\"constant\", float? value=None) -> Tensor",
    })
    void printsWhatItRead(String text) { assertEquals(text, FunctionSchema.parse(text).toString()); }

    @Test void keepsAliasesLengthsAndDefaults() {
        FunctionSchema s = FunctionSchema.parse("aten::split(Tensor(a -> *) self, int[2] n=[1, 2], *, int? d=None) -> Tensor(a)[]");
        assertEquals("(a -> *)", s.arguments().getFirst().alias().toString());
        assertEquals(2, s.arguments().get(1).fixedLength());
        assertEquals(List.of(1L, 2L), s.arguments().get(1).defaultValue());
        assertEquals(new ListType(SimpleType.INT), s.arguments().get(1).type());
        assertTrue(s.arguments().get(2).keywordOnly());
        assertTrue(s.hasAliasedReturn());
        assertFalse(s.mutates());
    }

    @Test void readsControlCharactersOfStrings() {
        FunctionSchema s = FunctionSchema.parse("aten::strip(str self, str chars=\" \\n\\t\") -> str");
        assertEquals(" \n\t", s.arguments().get(1).defaultValue());
    }

    @Test void namesThePlaceOfAnError() {
        var e = assertThrows(IllegalArgumentException.class, () -> FunctionSchema.parse("aten::f(Tensor self -> Tensor"));
        assertTrue(e.getMessage().contains("expected ')' at character 20"), e.getMessage());
    }
}
