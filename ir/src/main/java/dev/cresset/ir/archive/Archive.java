package dev.cresset.ir.archive;

import dev.cresset.ir.archive.pickle.PickleTuple;
import dev.cresset.ir.archive.pickle.StoredStorage;
import dev.cresset.ir.archive.pickle.Unpickler;
import dev.cresset.ir.diag.ArchiveException;
import dev.cresset.ir.graph.Source;
import dev.cresset.ir.type.ScalarType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A TorchScript archive: the records of a zip file below its root folder, whichever generation of PyTorch wrote it.
 *
 * <p>The file is mapped into memory once, by an automatic arena: segments that come from here stay valid for as long as
 * anyone holds them, also after {@link #close()}. The file must not be cut short while they are in use. Anything wrong
 * with the file is an {@link ArchiveException}. Archives may be used by any number of threads.
 */
public final class Archive implements AutoCloseable {
    /** Bytes of the largest record that is read as a whole: pickles and code. */
    private static final long MAX_READ = 256L << 20;
    private static final int MAX_VERSION = 10;
    private static final String DEBUG_SUFFIX = ".debug_pkl";

    private final String name;
    private final ZipEntries entries;
    private final int version;
    private final boolean bigEndian;
    private final Map<String, StoredStorage> storages = new HashMap<>();
    private final Map<String, Source> sources = new HashMap<>();
    private boolean closed;

    private Archive(String name, ZipEntries entries) {
        this.name = name;
        this.entries = entries;
        this.version = readVersion();
        this.bigEndian = readByteOrder();
    }

    /** Opens a file. @throws ArchiveException if it is no TorchScript archive: the message says what it is instead */
    public static Archive open(Path file) {
        String name = String.valueOf(file.getFileName());
        if (Files.isDirectory(file)) {
            throw new ArchiveException(name, -1, file + " is a folder; give the model file itself");
        }
        if (!Files.exists(file)) throw new ArchiveException(name, -1, "there is no file " + file.toAbsolutePath());
        if (!Files.isRegularFile(file)) throw new ArchiveException(name, -1, file + " is not an ordinary file");
        try (FileChannel channel = FileChannel.open(file)) {
            return of(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto()), name);
        } catch (IOException | UnsupportedOperationException e) {
            throw new ArchiveException(name, -1, "the file " + file.toAbsolutePath() + " cannot be read: "
                    + e.getMessage(), e);
        }
    }

    /** Opens an archive that lies in memory. @param name how errors name it */
    public static Archive open(byte[] bytes, String name) { return open(MemorySegment.ofArray(bytes), name); }

    /** As above; native segments are used as they are and must stay valid, heap segments are copied. */
    public static Archive open(MemorySegment bytes, String name) {
        if (bytes.isNative()) return of(bytes, name);
        MemorySegment copy = Arena.ofAuto().allocate(bytes.byteSize(), Long.BYTES);
        return of(copy.copyFrom(bytes), name);
    }

    private static Archive of(MemorySegment bytes, String name) {
        FileKind.rejectForeign(bytes, name);
        return new Archive(name, ZipEntries.open(name, bytes));
    }

    private int readVersion() {
        FileKind.rejectForeignZip(entries, name);
        String record = entries.has("version") ? "version" : ".data/version";
        if (!entries.has(record)) return 1;
        String text = new String(entries.read(record, MAX_READ), StandardCharsets.US_ASCII).strip();
        if (!text.matches("[0-9]{1,9}")) throw new ArchiveException(record, 0, "the version is not a number");
        int number = Integer.parseInt(text);
        if (number >= 1 && number <= MAX_VERSION) return number;
        throw new ArchiveException(record, 0, "this archive has version " + number + "; Cresset reads 1 to "
                + MAX_VERSION
                + (number > MAX_VERSION ? ", so export the model with an older PyTorch or update Cresset" : ""));
    }

    private boolean readByteOrder() {
        if (!entries.has("byteorder")) return false;
        String order = new String(entries.read("byteorder", MAX_READ), StandardCharsets.US_ASCII).strip();
        return switch (order) {
            case "little" -> false;
            case "big" -> true;
            default -> throw new ArchiveException("byteorder", 0, "the byte order must be little or big");
        };
    }

    /** The file's name. */
    public String name() { return name; }

    /** The version of the operators' meaning, 1 to 10. */
    public int version() { return version; }

    /** The names of all records, without the root folder, in the order of the zip file. */
    public List<String> entries() { return entries.names(); }

    public boolean has(String record) { return entries.has(record); }

    /** The size in bytes of a record. */
    public long size(String record) { return entries.size(record); }

    /** A copy of a record's bytes; meant for pickles, code and extra files, and bounded accordingly. */
    public byte[] read(String record) {
        checkOpen();
        return entries.read(record, Math.min(MAX_READ, Runtime.getRuntime().maxMemory() / 8));
    }

    /**
     * A record's bytes in native memory, read-only and aligned to 8 bytes at least. Records that are stored
     * uncompressed and aligned, as PyTorch writes weights, are a view of the mapped file; others are copied.
     */
    public MemorySegment map(String record) {
        checkOpen();
        return entries.map(record);
    }

    /** The bytes of a storage, little-endian whatever the file's byte order; empty if it has no record. */
    public MemorySegment data(StoredStorage storage) {
        if (storage.entry().isEmpty()) return MemorySegment.NULL;
        MemorySegment bytes = map(storage.entry());
        return bigEndian ? swapped(bytes, storage.dtype()) : bytes;
    }

    private static MemorySegment swapped(MemorySegment bytes, ScalarType dtype) {
        int width = dtype.toReal().byteSize();
        if (width == 1) return bytes;
        MemorySegment out = Arena.ofAuto().allocate(bytes.byteSize(), Long.BYTES);
        for (long at = 0; at + width <= bytes.byteSize(); at += width) {
            for (int i = 0; i < width; i++) {
                out.set(ValueLayout.JAVA_BYTE, at + i, bytes.get(ValueLayout.JAVA_BYTE, at + width - 1 - i));
            }
        }
        return out.asReadOnly();
    }

    /** The value of {@code record}, whose tensors have their bytes in the records {@code tensors + key}. */
    public Object pickle(String record, String tensors) { return pickle(record, tensors, List.of()); }

    /** As above, with the table that tensors given by number come from. */
    Object pickle(String record, String tensors, List<?> tensorTable) {
        return Unpickler.read(record, read(record),
                (key, location, dtype, numel) -> storage(tensors + key, location, dtype, numel), tensorTable);
    }

    /** The one storage of a record. @throws IllegalArgumentException if the record is missing or too short */
    synchronized StoredStorage storage(String record, String location, ScalarType dtype, long numel) {
        long bytes;
        try {
            bytes = Math.multiplyExact(numel, (long) dtype.byteSize());
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("a storage of " + numel + " elements is larger than any memory", e);
        }
        if (location.equals("meta")) {
            return storages.computeIfAbsent("meta " + record, r -> new StoredStorage("", location, dtype, bytes));
        }
        if (!has(record)) {
            if (bytes == 0) return storages.computeIfAbsent(record, r -> new StoredStorage("", location, dtype, 0));
            throw new IllegalArgumentException("a tensor has its bytes in the entry " + record
                    + ", which the archive does not have");
        }
        if (size(record) < bytes) {
            throw new IllegalArgumentException("the entry " + record + " has " + size(record)
                    + " bytes, but its tensors need " + bytes);
        }
        return storages.computeIfAbsent(record, r -> new StoredStorage(r, location, dtype, size(r)));
    }

    /** The tuple in {@code constants.pkl}, to which {@code CONSTANTS.c0} and so on refer; empty if there is none. */
    public List<Object> constants() {
        if (!has("constants.pkl")) return List.of();
        if (pickle("constants.pkl", "constants/") instanceof PickleTuple t) return t.items();
        throw new ArchiveException("constants.pkl", 0, "the constants are not a tuple");
    }

    /** The names of all code records, {@code code/__torch__/m.py}. */
    public List<String> codeFiles() {
        return entries().stream().filter(n -> n.startsWith("code/") && n.endsWith(".py")).toList();
    }

    /**
     * The source text that defines what is directly in a namespace: for {@code __torch__.a.b} (where the class
     * {@code __torch__.a.b.C} is) that of {@code code/__torch__/a/b.py}; in the oldest archives, of {@code libs/…}.
     */
    public Optional<Source> code(String namespace) {
        String path = namespace.replace('.', '/') + ".py";
        if (has("code/" + path)) return Optional.of(source("code/" + path));
        return has("libs/" + path) ? Optional.of(source("libs/" + path)) : Optional.empty();
    }

    /** A code record with its map to the user's files; the same object each time. */
    public Source source(String codeFile) {
        synchronized (sources) {
            Source known = sources.get(codeFile);
            if (known != null) return known;
            String text = new String(read(codeFile), StandardCharsets.UTF_8);
            Source source = new Source(codeFile, text, SourceMap.lazily(() -> debug(codeFile, text)));
            sources.put(codeFile, source);
            return source;
        }
    }

    /** The source map of a code record; without entries if the archive has none. */
    public SourceMap debug(String codeFile) { return debug(codeFile, source(codeFile).text()); }

    private SourceMap debug(String codeFile, String text) {
        String record = codeFile + DEBUG_SUFFIX;
        return has(record) ? SourceMap.read(record, read(record), text) : SourceMap.EMPTY;
    }

    /** The names of the files that the user put in, without {@code extra/}. */
    public List<String> extraFiles() {
        return entries().stream().filter(n -> n.startsWith("extra/")).map(n -> n.substring("extra/".length())).toList();
    }

    private void checkOpen() {
        if (closed) throw new IllegalStateException("the archive " + name + " is closed");
    }

    /** Ends reading; segments handed out stay valid. */
    @Override public void close() { closed = true; }
}
