package dev.cresset.ir.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.diag.CressetException;
import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.TensorType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TypeParserTest {
    @ParameterizedTest
    @ValueSource(strings = {
        "Tensor", "int[]", "Tensor?", "Tensor?[]", "int[][]", "Dict(str, int[])", "(int, str)", "()",
            "(int, (str, Tensor))[]",
        "Float(2, 16, strides=[16, 1], requires_grad=0, device=cpu)", "Half(*, *)", "Float(...)",
            "Long(requires_grad=0, device=cuda:1)",
        "Float(2, *, strides=[*, 1])", "Tensor(requires_grad=1)", "Union(int, str)", "Future[Tensor][]",
            "Enum<__torch__.m.C>",
        "__torch__.m.___torch_mangle_3.Net", "NamedTuple(x : Tensor, y : int)", "Scalar", "NoneType", "Any",
            "Device", "Function",
    })
    void printsWhatItRead(String text) {
        assertEquals(text, TypeParser.parse(text, Names.placeholders().types()).toString());
    }

    @Test void readsEveryPartOfATensor() {
        assertEquals(TensorType.of(ScalarType.FLOAT32, Device.parse("cuda:0"), new long[] {2, 3}, new long[] {3, 1},
            false),
            TypeParser.parse("Float(2, 3, strides=[3, 1], requires_grad=0, device=cuda:0)",
                Names.placeholders().types()));
        TensorType scalar = (TensorType) TypeParser.parse("Float(device=cpu)", Names.placeholders().types());
        assertEquals(List.of(), scalar.sizes());
    }

    @Test void namesThePlaceOfAnError() {
        var e = assertThrows(CressetException.class, () -> TypeParser.parse("Dict(str int)",
            Names.placeholders().types()));
        assertTrue(e.getMessage().contains("expected ',' at line 1, column 9"), e.getMessage());
    }
}
