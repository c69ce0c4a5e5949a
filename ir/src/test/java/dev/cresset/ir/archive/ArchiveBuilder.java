package dev.cresset.ir.archive;

import dev.cresset.ir.archive.pickle.PickleWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.apache.commons.compress.archivers.zip.Zip64Mode;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.utils.SeekableInMemoryByteChannel;

/** Builds small archives in memory, for tests. */
public final class ArchiveBuilder {
    static final String CODE = """
            class M(Module):
              __parameters__ = ["w", ]
              __buffers__ = []
              w : Tensor
              def forward(self: __torch__.M) -> Tensor:
                return torch.relu(self.w)
            """;

    private final Map<String, byte[]> entries = new LinkedHashMap<>();
    private String root = "archive/";
    private int method = ZipArchiveEntry.STORED;
    private int alignment = 64;
    private boolean descriptors;
    private Zip64Mode zip64 = Zip64Mode.AsNeeded;

    /** An archive of a module with one parameter of four floats, 1 to 4. */
    static ArchiveBuilder small() {
        return new ArchiveBuilder().put("version", "3\n").put("data.pkl", module()).put("data/0", floats(1, 2, 3, 4))
                .put("constants.pkl", new PickleWriter().op('(', 'K', 5, 't').end()).put("code/__torch__.py", CODE)
                .put("code/__torch__.py.debug_pkl", debugRecords()).put("extra/notes.txt", "hello");
    }

    /**
     * An archive of a module, class {@code M} of {@code __torch__}.
     *
     * @param attributes by name, in the order of their declaration: float[] for a tensor of one dimension, List of these,
     *                   Integer or Boolean
     */
    public static ArchiveBuilder module(String code, Map<String, ?> attributes) {
        ArchiveBuilder archive = new ArchiveBuilder().put("version", "10\n").put("code/__torch__.py", code)
                .put("constants.pkl", new PickleWriter().op(')').end());
        PickleWriter pickle = new PickleWriter().global("__torch__", "M").op(')', 0x81, '}', '(');
        int[] tensors = {0};
        attributes.forEach((name, value) -> {
            pickle.string(name);
            archive.attribute(pickle, value, tensors);
        });
        return archive.put("data.pkl", pickle.op('u', 'b').end());
    }

    private void attribute(PickleWriter pickle, Object value, int[] tensors) {
        switch (value) {
            case float[] v -> {
                String key = String.valueOf(tensors[0]++);
                put("data/" + key, floats(v));
                pickle.tensor("FloatStorage", key, v.length, 0, new int[] {v.length}, new int[] {1});
            }
            case List<?> items -> {
                pickle.op(']', '(');
                for (Object item : items) attribute(pickle, item, tensors);
                pickle.op('e');
            }
            case Integer n -> pickle.number(n);
            case Boolean b -> pickle.op(b ? 0x88 : 0x89);
            default -> throw new IllegalArgumentException("no attributes of " + value.getClass());
        }
    }

    private static byte[] module() {
        return new PickleWriter().global("__torch__", "M").op('q', 0, ')', 0x81, '}', '(').string("w")
                .tensor("FloatStorage", "0", 4, 0, new int[] {2, 2}, new int[] {2, 1}).op('u', 'b').end();
    }

    /** Says that {@code torch.relu} came from line 12 of {@code m.py}. */
    private static byte[] debugRecords() {
        int at = CODE.indexOf("torch.relu");
        return new PickleWriter().string("FORMAT_WITH_STRING_TABLE").op('(').string("").string("m.py").string("def "
                + "forward(self):\n")
                .string("    return relu(self.w)\n").op('t', '(')
                .number(0).op(']', '(').number(0).op('e').number(0).number(0).op(0x87).number(0).number(0).op(0x87)
                        .number(0).op(0x87)
                .number(at).op(']', '(').number(2).number(3).op('e').number(1).number(11).op(0x87).number(30)
                        .number(42).op(0x87)
                .number(1).op(0x87, 't', 0x87).end();
    }

    static byte[] floats(float... values) {
        ByteBuffer b = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float v : values) b.putFloat(v);
        return b.array();
    }

    ArchiveBuilder put(String name, byte[] bytes) {
        entries.put(name, bytes);
        return this;
    }

    ArchiveBuilder put(String name, String text) { return put(name, text.getBytes(StandardCharsets.UTF_8)); }

    ArchiveBuilder remove(String name) {
        entries.remove(name);
        return this;
    }

    ArchiveBuilder root(String folder) {
        root = folder;
        return this;
    }

    ArchiveBuilder deflated() {
        method = ZipArchiveEntry.DEFLATED;
        return this;
    }

    ArchiveBuilder unaligned() {
        alignment = 1;
        return this;
    }

    /** As a stream writes zip files: sizes come after the data. */
    ArchiveBuilder descriptors() {
        descriptors = true;
        return deflated();
    }

    ArchiveBuilder zip64() {
        zip64 = Zip64Mode.Always;
        return this;
    }

    public byte[] build() {
        try {
            if (descriptors) {
                var stream = new ByteArrayOutputStream();
                try (var zip = new ZipArchiveOutputStream(stream)) {
                    write(zip);
                }
                return stream.toByteArray();
            }
            var channel = new SeekableInMemoryByteChannel();
            try (var zip = new ZipArchiveOutputStream(channel)) {
                write(zip);
            }
            return Arrays.copyOf(channel.array(), (int) channel.size());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(ZipArchiveOutputStream zip) throws IOException {
        zip.setUseZip64(zip64);
        for (var e : entries.entrySet()) {
            var entry = new ZipArchiveEntry(root + e.getKey());
            entry.setMethod(method);
            entry.setAlignment(alignment);
            if (method == ZipArchiveEntry.STORED) {
                CRC32 crc = new CRC32();
                crc.update(e.getValue());
                entry.setSize(e.getValue().length);
                entry.setCrc(crc.getValue());
            }
            zip.putArchiveEntry(entry);
            zip.write(e.getValue());
            zip.closeArchiveEntry();
        }
    }
}
