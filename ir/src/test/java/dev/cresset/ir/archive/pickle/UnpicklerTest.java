package dev.cresset.ir.archive.pickle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.diag.ArchiveException;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.ScalarType;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class UnpicklerTest {
    private static final StoredStorage STORAGE = new StoredStorage("data/0", "cpu", ScalarType.FLOAT32, 24);
    private static final Storages ONE = (key, location, dtype, numel) -> STORAGE;

    private static PickleWriter pickle() { return new PickleWriter(); }

    private static Object read(PickleWriter writer) { return Unpickler.read("data.pkl", writer.end(), ONE); }

    private static String failure(PickleWriter writer) {
        return assertThrows(ArchiveException.class, () -> read(writer)).getMessage();
    }

    private static void assertFails(String expected, PickleWriter writer) {
        String message = failure(writer);
        assertTrue(message.contains(expected), message);
    }

    @Test void readsPlainValues() {
        var tuple = (PickleTuple) read(pickle().op('(', 'N', 0x88, 0x89, 'K', 200, 'M', 1, 2).number(-3)
                .op(0x8a, 8, 0, 0, 0, 0, 0, 1, 0, 0).op(0x8a, 1, 0xff).op(0x8a, 0).real(-0.5).string("é").op('t'));
        List<Object> items = tuple.items();
        assertNull(items.get(0));
        assertEquals(List.of(true, false, 200L, 513L, -3L, 1L << 40, -1L, 0L, -0.5, "é"), items.subList(1,
                items.size()));
    }

    @Test void readsCallsOfKnownFunctions() {
        assertEquals(new Complex(1, -2), read(pickle().global("builtins", "complex").real(1).real(-2).op(0x86, 'R')));
        assertEquals(new Device("cuda", 1), read(pickle().global("torch", "device").string("cuda:1").op(0x85, 'R')));
        var ints = (PickleList) read(pickle().global("torch.jit._pickle", "build_intlist").op(']', '(', 'K', 1, 'K', 2,
                'e', 0x85, 'R'));
        assertEquals(List.of(1L, 2L), ints.items());
        assertEquals(Optional.of("List[int]"), ints.type());
        var dict = (PickleDict) read(pickle().global("torch.jit._pickle", "restore_type_tag").op('}',
                '(').string("b").op('K', 1)
                .string("a").op('K', 2, 'u').string("Dict[str, int]").op(0x86, 'R'));
        assertEquals(List.of("b", "a"), List.copyOf(dict.byName().keySet()));
        assertEquals(Optional.of("Dict[str, int]"), dict.type());
    }

    @Test void readsObjectsAndEnums() {
        var object = (PickleObject) read(pickle().global("__torch__.m", "M").op(')', 0x81, '}', '(').string("mode")
                .global("__torch__.m", "Mode").op('K', 2, 'R', 'u', 'b'));
        assertEquals("__torch__.m.M", object.className());
        var mode = (PickleEnum) ((PickleDict) object.state()).byName().get("mode");
        assertEquals("__torch__.m.Mode", mode.className());
        assertEquals(2L, mode.value());
    }

    @Test void keepsIdentityThroughTheMemo() {
        var tuple = (PickleTuple) read(pickle().op(']', 'q', 0, 'h', 0, 0x86));
        assertSame(tuple.get(0), tuple.get(1));
    }

    @Test void readsTheOldestFormOfCalls() {
        var list = (PickleList) read(pickle().global("__main__", "IntList").op(')', 0x81, ']', '(', 'K', 7, 'e', 'b'));
        assertEquals(List.of(7L), list.items());
    }

    @Test void readsTensors() {
        var t = (StoredTensor) read(pickle().tensor("FloatStorage", "0", 6, 1, new int[] {2, 2}, new int[] {3, 1}));
        assertSame(STORAGE, t.storage());
        assertEquals(ScalarType.FLOAT32, t.dtype());
        assertEquals(1, t.offset());
        assertArrayEquals(new long[] {2, 2}, t.sizes());
        assertArrayEquals(new long[] {3, 1}, t.strides());
        assertFalse(t.requiresGrad());
    }

    @Test void readsQuantizedTensors() {
        var t = (StoredTensor) read(pickle().global("torch._utils", "_rebuild_qtensor").op('(').storage("QInt8Storage",
                "0", 6).number(0)
                .numbers(6).numbers(1).op('(').global("torch", "per_tensor_affine").real(0.5).number(3).op('t', 0x89,
                        'N', 't', 'R'));
        assertEquals(Optional.of(new StoredTensor.Quantizer.PerTensor(0.5, 3)), t.quantizer());
    }

    @Test void rejectsTensorsOutsideTheirStorage() {
        assertFails("needs 28 bytes, but its storage data/0 has 24",
                pickle().tensor("FloatStorage", "0", 6, 1, new int[] {2, 3}, new int[] {3, 1}));
        assertFails("negative", pickle().tensor("FloatStorage", "0", 6, -1, new int[] {1}, new int[] {1}));
        assertFails("negative", pickle().tensor("FloatStorage", "0", 6, 5, new int[] {2}, new int[] {-1}));
        assertFails("larger than any memory", pickle().tensor("FloatStorage", "0", 6, 0,
                new int[] {Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE}, new int[] {0, 0, 0}));
        assertFails("one stride per size", pickle().tensor("FloatStorage", "0", 6, 0, new int[] {1, 1}, new int[] {1}));
    }

    @Test void refusesOtherGlobalsByName() {
        assertFails("'os.system'", pickle().global("os", "system").string("true").op(0x85, 'R'));
        assertFails("'__main__.M'", pickle().global("__main__", "M"));
        assertFails("'torch.load'", pickle().global("torch", "load"));
    }

    @Test void namesTheOffset() {
        assertEquals(3, assertThrows(ArchiveException.class, () -> read(pickle().op('N').op('i'))).offset());
    }

    @Test void rejectsMalformedPickles() {
        assertTrue(assertThrows(ArchiveException.class, () -> Unpickler.read("data.pkl", new byte[] {(byte) 0x80, 4,
                'N', '.'}, ONE))
                .getMessage().contains("protocol 4"));
        assertFails("ends after", pickle().op('X').i32(100));
        assertFails("more than the whole pickle", pickle().op('X').i32(-1));
        assertFails("are expected on the stack", pickle().op(0x86));
        assertFails("are expected on the stack", pickle().op('K', 1, '(', 0x85));
        assertFails("without its beginning", pickle().op('t'));
        assertFails("instead of a list", pickle().op('}', 'N', 'a'));
        assertFails("without a value", pickle().op('}', '(', 'N', 'u'));
        assertFails("before it is set", pickle().op('h', 5));
        assertFails("out of order", pickle().op('N', 'r').i32(1 << 30));
        assertFails("2 values instead of one", pickle().op('N', 'N'));
        assertFails("state twice", pickle().global("__torch__", "M").op(')', 0x81, 'N', 'b', 'N', 'b'));
    }

    @Test void rejectsCyclesAndDepth() {
        assertFails("contains itself", pickle().op(']', 'q', 0, 'h', 0, 'a'));
        PickleWriter deep = pickle().op(')');
        for (int i = 0; i < 1_000_000; i++) deep.op(0x85);
        assertFails("nested more than", deep);
        PickleWriter allowed = pickle().op(')');
        for (int i = 1; i < Unpickler.MAX_DEPTH; i++) allowed.op(0x85);
        assertTrue(read(allowed) instanceof PickleTuple);
    }

    @Test void sharingDoesNotTakeExponentialTime() {
        PickleWriter bomb = pickle().op(')');
        for (int i = 0; i < 900; i++) bomb.op('q', 0, 'h', 0, 0x86);
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(5),
                () -> assertTrue(read(bomb) instanceof PickleTuple));
    }

    @Test void checkingOneListOftenIsNotQuadratic() {
        PickleWriter writer = pickle().op('(').global("torch.jit._pickle", "build_intlist").op('q', 0, ']', '(');
        for (int i = 0; i < 200_000; i++) writer.op('K', 1);
        writer.op('e', 0x85, 'q', 1, 'R');
        for (int i = 0; i < 200_000; i++) writer.op('h', 0, 'h', 1, 'R');
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(10), () -> read(writer.op('t')));
    }

    @Test void boundsMemory() {
        PickleWriter writer = pickle().op('(');
        for (int i = 0; i < 4_000_000; i++) writer.op(']');
        assertFails("MiB", writer.op('t'));
    }
}
