package dev.cresset.cli.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpyTest {
    @TempDir Path temp;

    private static Tensor sample(ScalarType type, long... shape) {
        Tensor t = Tensor.zeros(type, shape);
        for (int i = 0; i < t.numel(); i++) {
            if (type.isComplex()) Elements.set(t.data(), type, i, new Complex(i, -i));
            else Elements.setLong(t.data(), type, i, type == ScalarType.BOOL ? i % 2 : i);
        }
        return t;
    }

    @Test void everyTypeAndShapeComesBack() {
        for (ScalarType type : ScalarType.values()) {
            if (type.isQuantized() || type == ScalarType.COMPLEX32) continue;
            for (long[] shape : new long[][] {{}, {0}, {5}, {2, 3, 4}}) {
                Tensor t = sample(type, shape);
                Tensor back = Npy.read(Npy.write(t), "test");
                if (type == ScalarType.BFLOAT16) back = back.reinterpret(type);
                assertEquals(type, back.dtype());
                assertArrayEquals(shape, back.sizes());
                assertArrayEquals(t.toComplexArray(), back.toComplexArray());
            }
        }
    }

    @Test void viewsAreWrittenInTheirOwnOrder() {
        Tensor t = sample(ScalarType.INT64, 2, 3);
        Tensor back = Npy.read(Npy.write(t.view(new long[] {3, 2}, new long[] {1, 3})), "test");
        assertArrayEquals(new long[] {0, 3, 1, 4, 2, 5}, back.toLongArray());
    }

    @Test void readsWhatNumpyWrites() {
        // numpy.asfortranarray(numpy.arange(6, dtype='<i2').reshape(2, 3)), format 1.0
        String header = "{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3), }";
        byte[] head = ("\u0093NUMPY\1\0" + (char) 118 + "\0" + header + " ".repeat(117 - header.length()) + "\n")
            .getBytes(StandardCharsets.ISO_8859_1);
        byte[] file = Arrays.copyOf(head, head.length + 12);
        short[] columns = {0, 3, 1, 4, 2, 5};
        for (int i = 0; i < 6; i++) file[head.length + 2 * i] = (byte) columns[i];
        assertArrayEquals(new long[] {0, 1, 2, 3, 4, 5}, Npy.read(file, "test").toLongArray());
    }

    @Test void brokenFilesAreRefused() {
        byte[] good = Npy.write(sample(ScalarType.FLOAT32, 2, 3));
        for (int cut : new int[] {0, 5, 9, 30, good.length - 1}) {
            assertThrows(IllegalArgumentException.class, () -> Npy.read(Arrays.copyOf(good, cut), "cut"));
        }
    }

    @Test void archivesKeepNamesAndOrder() throws IOException {
        Map<String, Tensor> arrays = new LinkedHashMap<>();
        arrays.put("result.0", sample(ScalarType.FLOAT32, 3));
        arrays.put("result.b", sample(ScalarType.INT64, 2, 2));
        Path file = temp.resolve("a.npz");
        Npz.write(file, arrays);
        assertArrayEquals(new long[] {0, 1, 2, 3}, Npz.read(file, "result.b").toLongArray());
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Npz.read(file, null));
        assertTrue(e.getMessage().contains("result.0, result.b"), e.getMessage());
    }
}
