package dev.cresset.kernels.cuda;

import dev.cresset.kernels.cuda.driver.Cuda;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Compiled kernels on disk, one file for each source, architecture, options and compiler version. A file holds a hash of
 * itself and is moved to its place when it is whole, so any number of processes may write at once and be killed at any
 * time; what is damaged is compiled anew. Without a folder that can be written it compiles each time.
 */
final class CubinCache {
    /** Changes with the form of the files. */
    private static final byte[] MAGIC = "cresset cubin 1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int HASH_BYTES = 32;
    private static final String CODE = ".cubin", CONTENTS = ".contents";

    private final Path folder;

    /** @param folder need not exist; null keeps nothing */
    CubinCache(Path folder) { this.folder = folder; }

    /** In the user's folder for such things, or in the one that property {@code cresset.cuda.cache} names. */
    static CubinCache ofThisUser() {
        String named = System.getProperty("cresset.cuda.cache");
        if (named != null) return new CubinCache(named.isEmpty() ? null : Path.of(named));
        // emulated code fits its emulation alone
        if (Cuda.isEmulated()) return new CubinCache(Path.of(System.getProperty("cresset.cuda.emulation"), "cubins"));
        String caches = System.getenv("XDG_CACHE_HOME");
        Path base = caches != null && !caches.isBlank() ? Path.of(caches) : Path.of(System.getProperty("user.home"), ".cache");
        return new CubinCache(base.resolve("cresset").resolve("cuda"));
    }

    /** The folder; null if nothing is kept. */
    Path folder() { return folder; }

    interface Compiler { byte[] compile(); }

    /** The code of this key, from disk or from the compiler. */
    byte[] get(String key, Compiler compiler) {
        byte[] known = find(key);
        if (known != null) return known;
        byte[] made = compiler.compile();
        write(key + CODE, made);
        return made;
    }

    /** The code of this key; null if it is not on disk, or not whole. */
    byte[] find(String key) { return read(key + CODE); }

    static String key(String source, String architecture, List<String> options, String compilerVersion) {
        String all = String.join("\n", architecture, String.join(" ", options), compilerVersion, source);
        return HexFormat.of().formatHex(sha256(all.getBytes(StandardCharsets.UTF_8)));
    }

    // ---- modules of several kernels

    /** Notes which kernels the code of a key holds, by their own keys; to be written after the code. @return false if it cannot be kept */
    boolean writeContents(String key, List<String> kernels) {
        return write(key + CONTENTS, String.join("\n", kernels).getBytes(StandardCharsets.US_ASCII));
    }

    /** The keys of the kernels that the code of a key holds; null if that is not known. */
    List<String> contents(String key) {
        byte[] found = read(key + CONTENTS);
        return found == null ? null : List.of(new String(found, StandardCharsets.US_ASCII).split("\n"));
    }

    /** The keys of codes whose contents are noted, for all architectures and compilers. */
    List<String> modules() {
        if (folder == null) return List.of();
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString()).filter(n -> n.endsWith(CONTENTS)).map(n -> n.substring(0, n.length() - CONTENTS.length()))
                .sorted().toList();
        } catch (IOException _) {
            return List.of();
        }
    }

    /** Text that was kept under a name; null if there is none, or it is not whole. */
    String text(String name) {
        byte[] found = read(name);
        return found == null ? null : new String(found, StandardCharsets.UTF_8);
    }

    /** Keeps text under a name, if that can be. */
    void keepText(String name, String text) { write(name, text.getBytes(StandardCharsets.UTF_8)); }

    /** A lock that one holder in all processes has; it goes with its process. */
    interface Lock extends AutoCloseable {
        @Override void close();
    }

    /** The lock of this name; empty if somebody has it, or where locks cannot be had. */
    Optional<Lock> lock(String name) {
        if (folder == null) return Optional.empty();
        FileChannel file = null;
        try {
            Files.createDirectories(folder);
            file = FileChannel.open(folder.resolve(name + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = file.tryLock();
            if (lock != null) {
                FileChannel held = file;
                return Optional.of(() -> closeQuietly(held));
            }
        } catch (IOException | OverlappingFileLockException _) {
            // as if somebody had it
        }
        if (file != null) closeQuietly(file);
        return Optional.empty();
    }

    private static void closeQuietly(FileChannel file) {
        try {
            file.close();
        } catch (IOException _) {
            // the lock goes with the process
        }
    }

    // ---- files

    /** The content of a file; null if there is none, or what is there is not whole. */
    private byte[] read(String name) {
        if (folder == null) return null;
        try {
            byte[] all = Files.readAllBytes(folder.resolve(name));
            int start = MAGIC.length + HASH_BYTES;
            if (all.length < start || !Arrays.equals(all, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) return null;
            byte[] content = Arrays.copyOfRange(all, start, all.length);
            return Arrays.equals(sha256(content), Arrays.copyOfRange(all, MAGIC.length, start)) ? content : null;
        } catch (IOException _) {
            return null;
        }
    }

    /** @return false if it cannot be written, which is no reason to fail */
    private boolean write(String name, byte[] content) {
        if (folder == null) return false;
        Path fresh = null;
        try {
            Files.createDirectories(folder);
            fresh = Files.createTempFile(folder, "new", ".tmp");
            Files.write(fresh, ByteBuffer.allocate(MAGIC.length + HASH_BYTES + content.length).put(MAGIC).put(sha256(content)).put(content).array());
            Files.move(fresh, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return true;
        } catch (IOException _) {
            if (fresh != null) drop(fresh);
            return false;
        }
    }

    private static void drop(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException _) {
            // it stays, and nobody reads it
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has it", e);
        }
    }
}
