package dev.cresset.ir.archive;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.archive.pickle.PickleDict;
import dev.cresset.ir.archive.pickle.PickleTuple;
import dev.cresset.ir.archive.pickle.PickleWriter;
import dev.cresset.ir.archive.pickle.StoredTensor;
import dev.cresset.ir.diag.ArchiveException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveTest {
    @TempDir Path folder;

    private static StoredTensor weight(ModelFile model) {
        return (StoredTensor) ((PickleDict) model.root().state()).byName().get("w");
    }

    private static float[] data(ModelFile model) {
        return model.data(weight(model).storage()).toArray(ValueLayout.JAVA_FLOAT);
    }

    private static void assertReads(byte[] archive) {
        try (ModelFile model = ModelFile.open(archive, "m.pt")) {
            assertEquals("__torch__.M", model.root().className());
            assertArrayEquals(new float[] {1, 2, 3, 4}, data(model));
            assertEquals(ArchiveBuilder.CODE, model.codeDefining("__torch__.M").orElseThrow().text());
            assertEquals(List.of(5L), model.constants());
            assertEquals("hello", new String(model.extraFile("notes.txt"), StandardCharsets.UTF_8));
        }
    }

    private static void assertFails(String expected, byte[] file) {
        String message = assertThrows(ArchiveException.class, () -> ModelFile.open(file, "m.pt")).getMessage();
        assertTrue(message.contains(expected), message);
    }

    @Test void readsEveryFormOfZip() {
        assertReads(ArchiveBuilder.small().build());
        assertReads(ArchiveBuilder.small().deflated().build());
        assertReads(ArchiveBuilder.small().unaligned().build());
        assertReads(ArchiveBuilder.small().descriptors().build());
        assertReads(ArchiveBuilder.small().zip64().build());
        assertReads(ArchiveBuilder.small().root("größe/").build());
    }

    @Test void mapsStoredWeightsAndKeepsThemAfterClosing() throws IOException {
        Path file = Files.write(folder.resolve("m.pt"), ArchiveBuilder.small().build());
        MemorySegment weights;
        try (ModelFile model = ModelFile.open(file)) {
            weights = model.data(weight(model).storage());
        }
        assertTrue(weights.isMapped());
        assertTrue(weights.isReadOnly());
        assertEquals(4f, weights.getAtIndex(ValueLayout.JAVA_FLOAT, 3));
    }

    @Test void readsVersions() {
        for (int v = 1; v <= 10; v++) {
            try (Archive a = Archive.open(ArchiveBuilder.small().remove("version").put(".data/version", v
                    + "").build(), "m.pt")) {
                assertEquals(v, a.version());
            }
        }
        assertFails("version 11", ArchiveBuilder.small().put("version", "11\n").build());
        assertFails("version 0", ArchiveBuilder.small().put("version", "0").build());
        assertFails("not a number", ArchiveBuilder.small().put("version", "three").build());
        assertFails("no version record", ArchiveBuilder.small().remove("version").build());
    }

    @Test void swapsBytesOfBigEndianArchives() {
        byte[] big = ArchiveBuilder.floats(1, 2, 3, 4);
        for (int i = 0; i < big.length; i += 4) {
            byte[] b = Arrays.copyOfRange(big, i, i + 4);
            for (int k = 0; k < 4; k++) big[i + k] = b[3 - k];
        }
        assertReads(ArchiveBuilder.small().put("data/0", big).put("byteorder", "big").build());
        assertFails("byte order", ArchiveBuilder.small().put("byteorder", "middle").build());
    }

    @Test void storagesAreShared() {
        byte[] twice = new PickleWriter().op('(').tensor("FloatStorage", "0", 4, 0, new int[] {4}, new int[] {1})
                .tensor("FloatStorage", "0", 4, 2, new int[] {2}, new int[] {1}).op('t').end();
        try (Archive a = Archive.open(ArchiveBuilder.small().put("two.pkl", twice).build(), "m.pt")) {
            var two = (PickleTuple) a.pickle("two.pkl", "data/");
            assertSame(((StoredTensor) two.get(0)).storage(), ((StoredTensor) two.get(1)).storage());
        }
    }

    @Test void weightsMustBeThere() {
        assertFails("data/0, which the archive does not have", ArchiveBuilder.small().remove("data/0").build());
        assertFails("has 12 bytes, but its tensors need 16", ArchiveBuilder.small().put("data/0",
                new byte[12]).build());
    }

    @Test void saysWhatOtherFilesAre() {
        assertFails("the file is empty", new byte[0]);
        assertFails("torch.save", new PickleWriter().op('N').end());
        assertFails("preview format", "PYTORCH1....".getBytes(StandardCharsets.US_ASCII));
        assertFails("flatbuffer", "....PTMF....".getBytes(StandardCharsets.US_ASCII));
        assertFails("Git LFS pointer", "version https://git-lfs.github.com".getBytes(StandardCharsets.US_ASCII));
        byte[] tar = new byte[1024];
        System.arraycopy("ustar".getBytes(StandardCharsets.US_ASCII), 0, tar, 257, 5);
        assertFails("tar file", tar);
        assertFails("torch.save", ArchiveBuilder.small().remove("constants.pkl").remove("code/__torch__.py")
                .remove("code/__torch__.py.debug_pkl").build());
        assertFails("NumPy", new ArchiveBuilder().root("").put("a.npy", "").build());
        assertFails("torch.export", new ArchiveBuilder().put("archive_format", "pt2").build());
        assertFails("not a TorchScript archive", new ArchiveBuilder().put("something", "").build());
        assertFails("damaged or cut short", Arrays.copyOf(ArchiveBuilder.small().build(), 700));
        assertThrows(ArchiveException.class, () -> Archive.open(folder));
        assertThrows(ArchiveException.class, () -> Archive.open(folder.resolve("absent.pt")));
    }

    @Test void sizesThatLieAreRefused() {
        byte[] archive = ArchiveBuilder.small().deflated().put("extra/bomb", new byte[100_000]).build();
        assertReadFails("cannot have 2000000000 bytes", patchSize(archive, 100_000, 2_000_000_000));
        assertReadFails("does not inflate to 100001 bytes", patchSize(archive, 100_000, 100_001));
        assertReadFails("does not inflate to 99999 bytes", patchSize(archive, 100_000, 99_999));
    }

    private static void assertReadFails(String expected, byte[] archive) {
        try (Archive a = Archive.open(archive, "m.pt")) {
            String message = assertThrows(ArchiveException.class, () -> a.read("extra/bomb")).getMessage();
            assertTrue(message.contains(expected), message);
        }
    }

    /** Changes the size in the headers of the entry that has it. */
    private static byte[] patchSize(byte[] archive, int from, int to) {
        ByteBuffer bytes = ByteBuffer.wrap(archive.clone()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i + 4 <= archive.length; i++) if (bytes.getInt(i) == from) bytes.putInt(i, to);
        return bytes.array();
    }

    @Test void aDirectoryLargerThanAnyModelsIsRefused() {
        ArchiveBuilder many = ArchiveBuilder.small();
        String longName = "extra/" + "x".repeat(60_000);
        for (int i = 0; i < 300; i++) many.put(longName + i, "");
        assertFails("larger than any model's", many.build());
    }

    @Test void debugRecordsLeadToTheUsersFile() {
        try (Archive a = Archive.open(ArchiveBuilder.small().build(), "m.pt")) {
            var source = a.code("__torch__").orElseThrow();
            assertSame(source, a.source("code/__torch__.py"));
            var range = source.origins().at(ArchiveBuilder.CODE.indexOf("relu")).orElseThrow();
            assertEquals("m.py:12:11", range.place());
            assertEquals("relu(self.w)", range.source().text().substring(range.start(), range.end()));
            assertTrue(source.origins().at(0).isEmpty());
        }
    }

    @Test void brokenDebugRecordsDoNoHarm() {
        try (Archive a = Archive.open(ArchiveBuilder.small().put("code/__torch__.py.debug_pkl", "rubbish").build(),
                "m.pt")) {
            assertFalse(a.source("code/__torch__.py").origins().at(100).isPresent());
            assertThrows(ArchiveException.class, () -> a.debug("code/__torch__.py"));
        }
    }
}
