package dev.cresset.ir.archive;

import dev.cresset.ir.diag.ArchiveException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * The entries of a zip file that lies in memory, below its root folder. Checksums are not looked at: PyTorch neither
 * checks nor always writes them.
 */
final class ZipEntries {
    /** What the central directory may take; the largest known models need about a tenth. */
    private static final long MAX_DIRECTORY = 16L << 20;
    /** Deflate cannot shrink data more than this. */
    private static final long MAX_DEFLATE_RATIO = 1040;
    private static final long ALIGNMENT = 64;
    private static final int CHUNK = 1 << 16;

    private final String fileName;
    private final MemorySegment file;
    private final ZipFile zip;
    private final String root;
    private final Map<String, ZipArchiveEntry> entries = new LinkedHashMap<>();
    private final Set<String> inflated = new HashSet<>();
    private long inflateBudget;

    private ZipEntries(String fileName, MemorySegment file, ZipFile zip, String root) {
        this.fileName = fileName;
        this.file = file;
        this.zip = zip;
        this.root = root;
        this.inflateBudget = Math.max(1L << 30, 200 * Math.min(file.byteSize(), 1L << 50));
    }

    static ZipEntries open(String fileName, MemorySegment file) {
        try {
            SegmentChannel channel = new SegmentChannel(file, MAX_DIRECTORY);
            ZipFile zip = ZipFile.builder().setSeekableByteChannel(channel).setIgnoreLocalFileHeader(true).get();
            channel.lift();
            List<ZipArchiveEntry> all = new ArrayList<>();
            zip.getEntries().asIterator().forEachRemaining(all::add);
            if (all.isEmpty()) {
                throw new ArchiveException(fileName, -1, "this zip file has no entries, so there is no model in it");
            }
            String first = all.getFirst().getName();
            ZipEntries entries = new ZipEntries(fileName, file, zip, first.substring(0, first.indexOf('/') + 1));
            all.forEach(entries::add);
            return entries;
        } catch (IOException | RuntimeException e) {
            if (e instanceof ArchiveException a) throw a;
            throw new ArchiveException(fileName, -1, "the zip file is damaged or cut short (" + reason(e)
                    + "); download or copy it again and compare the sizes", e);
        }
    }

    /** What the innermost cause says. */
    private static String reason(Exception e) {
        Throwable cause = e;
        for (int depth = 0; cause.getCause() != null && depth < 10; depth++) cause = cause.getCause();
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    private void add(ZipArchiveEntry entry) {
        String path = entry.getName();
        if (!path.startsWith(root) || entry.isDirectory()) return;
        String name = path.substring(root.length());
        if (entries.put(name, entry) != null) {
            throw new ArchiveException(name, -1, "the zip file has two entries of this name; it is not clear which "
                    + "one counts");
        }
    }

    /** The root folder with a slash, or nothing if the first entry is in no folder. */
    String root() { return root; }

    List<String> names() { return List.copyOf(entries.keySet()); }

    boolean has(String name) { return entries.containsKey(name); }

    long size(String name) { return entry(name).getSize(); }

    /** The bytes of an entry. */
    byte[] read(String name, long limit) {
        long size = checkedSize(name);
        if (size > limit) {
            throw fail(name, "it has " + size + " bytes; at most " + limit + " are read of entries of this kind");
        }
        MemorySegment bytes = isStored(name) ? stored(name) : inflate(name, null);
        return bytes.toArray(ValueLayout.JAVA_BYTE);
    }

    /** The bytes of an entry in native memory: the file's own if they are stored there as they are, and aligned. */
    MemorySegment map(String name) {
        long size = checkedSize(name);
        if (isStored(name)) {
            MemorySegment bytes = stored(name);
            return bytes.address() % Long.BYTES == 0 ? bytes : allocate(name, size).copyFrom(bytes).asReadOnly();
        }
        return inflate(name, allocate(name, size)).asReadOnly();
    }

    private boolean isStored(String name) { return entry(name).getMethod() == ZipEntry.STORED; }

    private ZipArchiveEntry entry(String name) {
        ZipArchiveEntry entry = entries.get(name);
        if (entry == null) throw fail(name, "the archive " + fileName + " has no such entry");
        return entry;
    }

    /** The size of an entry, which is known to be possible. */
    private long checkedSize(String name) {
        ZipArchiveEntry entry = entry(name);
        long size = entry.getSize();
        long compressed = entry.getCompressedSize();
        if (size < 0 || compressed < 0 || compressed > file.byteSize()) {
            throw fail(name, "the zip file gives it " + compressed + " bytes, but has itself " + file.byteSize());
        }
        if (entry.getGeneralPurposeBit().usesEncryption()) {
            throw fail(name, "it is encrypted; TorchScript archives never are");
        }
        switch (entry.getMethod()) {
            case ZipEntry.STORED -> {
                if (size != compressed) {
                    throw fail(name, "it is stored, but its two sizes differ: " + size + " and " + compressed);
                }
            }
            case ZipEntry.DEFLATED -> {
                if (size > MAX_DEFLATE_RATIO * (compressed + 1)) {
                    throw fail(name, "it cannot have " + size + " bytes when its compressed form has " + compressed);
                }
            }
            default -> throw fail(name, "it is compressed by method " + entry.getMethod()
                    + "; TorchScript archives are stored or deflated; repack the file with an ordinary zip program");
        }
        return size;
    }

    private MemorySegment stored(String name) {
        try {
            ZipArchiveEntry entry = entry(name);
            // The data offset is known only after the local header has been read.
            synchronized (zip) {
                if (zip.getRawInputStream(entry) == null) throw new IOException("it has no data");
            }
            return file.asSlice(entry.getDataOffset(), entry.getSize()).asReadOnly();
        } catch (IOException | RuntimeException e) {
            throw damaged(name, e);
        }
    }

    private MemorySegment inflate(String name, MemorySegment into) {
        long size = entry(name).getSize();
        synchronized (zip) {
            if (inflated.add(name)) inflateBudget -= size;
            if (inflateBudget < 0) {
                throw fail(name, "the archive's " + file.byteSize() + " bytes inflate to more than "
                        + (Math.max(1L << 30, 200 * file.byteSize()) >> 20) + " MiB, as no model's do");
            }
            try (InputStream in = zip.getInputStream(entry(name))) {
                if (into == null) return MemorySegment.ofArray(exactly(in, size));
                fill(in, into);
                return into;
            } catch (IOException | RuntimeException e) {
                throw damaged(name, e);
            }
        }
    }

    private static byte[] exactly(InputStream in, long size) throws IOException {
        byte[] bytes = in.readNBytes((int) size);
        if (bytes.length < size || in.read() >= 0) throw new IOException("it does not inflate to " + size + " bytes");
        return bytes;
    }

    private static void fill(InputStream in, MemorySegment into) throws IOException {
        byte[] chunk = new byte[CHUNK];
        long at = 0;
        for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
            if (n > into.byteSize() - at) {
                throw new IOException("it inflates to more than " + into.byteSize() + " bytes");
            }
            MemorySegment.copy(chunk, 0, into, ValueLayout.JAVA_BYTE, at, n);
            at += n;
        }
        if (at != into.byteSize()) {
            throw new IOException("it inflates to " + at + " bytes instead of " + into.byteSize());
        }
    }

    private static MemorySegment allocate(String name, long size) {
        try {
            return Arena.ofAuto().allocate(size, ALIGNMENT);
        } catch (OutOfMemoryError e) {
            throw new ArchiveException(name, -1, "there is no native memory for its " + size
                    + " bytes; give the JVM more (-XX:MaxDirectMemorySize), or store the entry uncompressed so that "
                    + "it is mapped", e);
        }
    }

    private static ArchiveException damaged(String name, Exception e) {
        if (e instanceof ArchiveException a) return a;
        return new ArchiveException(name, -1, "the entry is damaged or cut short (" + reason(e) + ")", e);
    }

    private static ArchiveException fail(String name, String sentence) {
        return new ArchiveException(name, -1, sentence);
    }
}
