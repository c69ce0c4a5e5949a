package dev.cresset.ir.archive;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.archive.pickle.PickleDict;
import dev.cresset.ir.archive.pickle.PickleObject;
import dev.cresset.ir.archive.pickle.PickleWriter;
import dev.cresset.ir.archive.pickle.StoredTensor;
import dev.cresset.ir.diag.ArchiveException;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LegacyModelTest {
    private static final String MODEL = """
            {"protoVersion": "4", "mainModule": {"name": "net", "optimize": true,
              "torchscriptArena": {"key": "code/net.py"},
              "submodules": [{"name": "0", "parameters": [{"name": "weight", "tensorId": "0"},
                {"name": "tied", "tensorId": "0", "isBuffer": true}]}],
              "attributes": [{"name": "k", "type": "int", "id": "1"},
                {"name": "later", "type": "Optional[int]", "id": "-1"}],
              "getStateAttributeId": "1"},
             "tensors": [{"dims": ["2", "2"], "strides": ["2", "1"], "requiresGrad": true, "dataType": "FLOAT",
               "device": "cuda:0", "data": {"key": "tensors/0"}}]}""";
    private static final String CODE = "op_version_set = 1\ndef forward(self, x: Tensor) -> Tensor:\n  return x\n";

    private static byte[] archive(String model) {
        return new ArchiveBuilder().put("version", "1\n").put("code/net.py", CODE).put("tensors/0",
                ArchiveBuilder.floats(1, 2, 3, 4))
                .put("attributes.pkl", new PickleWriter().op('(', 'N', 'K', 7, 't').end()).put("model.json",
                        model).build();
    }

    @Test void readsModulesAsObjectsAndClasses() {
        try (ModelFile model = ModelFile.open(archive(MODEL), "net.pt")) {
            assertEquals(ModelFile.Kind.LEGACY, model.kind());
            assertEquals("__torch__.net", model.root().className());
            Map<String, Object> state = ((PickleDict) model.root().state()).byName();
            assertEquals(7L, state.get("k"));
            assertTrue(state.containsKey("later") && state.get("later") == null);
            LegacyClass main = model.legacyClass("__torch__.net").orElseThrow();
            assertEquals(Map.of("k", "int", "later", "Optional[int]", "0", "__torch__.net._0"), main.attributes());
            assertEquals(7L, main.setState().orElseThrow().value());
            assertEquals(CODE, main.code().orElseThrow().text());
            LegacyClass sub = model.legacyClass("__torch__.net._0").orElseThrow();
            assertEquals(Set.of("weight"), sub.parameters());
            assertEquals(Set.of("tied"), sub.buffers());
            Map<String, Object> layer = ((PickleDict) ((PickleObject) state.get("0")).state()).byName();
            assertSame(layer.get("weight"), layer.get("tied"));
            StoredTensor weight = (StoredTensor) layer.get("weight");
            assertTrue(weight.requiresGrad());
            assertEquals("cuda:0", weight.storage().location());
            assertArrayEquals(new float[] {1, 2, 3, 4}, model.data(weight.storage()).toArray(ValueLayout.JAVA_FLOAT));
        }
    }

    private static void assertFails(String expected, String model) {
        String message = assertThrows(ArchiveException.class, () -> ModelFile.open(archive(model),
                "net.pt")).getMessage();
        assertTrue(message.contains(expected), message);
    }

    @Test void rejectsMalformedModels() {
        assertFails("ends in the middle", MODEL.substring(0, 100));
        assertFails("levels deep", "[".repeat(1_000_000));
        assertFails("main module is missing", "{}");
        assertFails("tensor 1 of a table of 1", MODEL.replace("\"tensorId\": \"0\"", "\"tensorId\": \"1\""));
        assertFails("needs", MODEL.replace("[\"2\", \"2\"]", "[\"2\", \"3\"]"));
        assertFails("STRING", MODEL.replace("FLOAT", "STRING"));
    }
}
