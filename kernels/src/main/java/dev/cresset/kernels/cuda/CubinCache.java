package dev.cresset.kernels.cuda;

import dev.cresset.kernels.cuda.driver.Cuda;
import dev.cresset.kernels.cuda.driver.Nvrtc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Compiled kernels on disk, one file for each source, architecture, options and compiler version. A file holds a hash of
 * itself and is moved to its place when it is whole, so any number of processes may write at once and be killed at any
 * time; what is damaged is compiled anew. Without a folder that can be written it compiles each time.
 */
final class CubinCache {
    /** Changes with the form of the files. */
    private static final byte[] MAGIC = "cresset cubin 1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int HASH_BYTES = 32;

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

    /** The code of a source, from disk or from the compiler. */
    byte[] get(String name, String source, String architecture, List<String> options) {
        return get(key(source, architecture, options, Cuda.nvrtcVersion()), () -> Nvrtc.compile(name, source, architecture, options));
    }

    interface Compiler { byte[] compile(); }

    byte[] get(String key, Compiler compiler) {
        Path file = folder == null ? null : folder.resolve(key + ".cubin");
        byte[] known = file == null ? null : read(file);
        if (known != null) return known;
        byte[] made = compiler.compile();
        if (file != null) write(file, made);
        return made;
    }

    static String key(String source, String architecture, List<String> options, String compilerVersion) {
        String all = String.join("\n", architecture, String.join(" ", options), compilerVersion, source);
        return HexFormat.of().formatHex(sha256(all.getBytes(StandardCharsets.UTF_8)));
    }

    /** The code in a file; null if there is none, or what is there is not whole. */
    private static byte[] read(Path file) {
        try {
            byte[] all = Files.readAllBytes(file);
            int start = MAGIC.length + HASH_BYTES;
            if (all.length < start || !Arrays.equals(all, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) return null;
            byte[] code = Arrays.copyOfRange(all, start, all.length);
            return Arrays.equals(sha256(code), Arrays.copyOfRange(all, MAGIC.length, start)) ? code : null;
        } catch (IOException _) {
            return null;
        }
    }

    private void write(Path file, byte[] code) {
        Path fresh = null;
        try {
            Files.createDirectories(folder);
            fresh = Files.createTempFile(folder, "new", ".tmp");
            byte[] all = new byte[MAGIC.length + HASH_BYTES + code.length];
            System.arraycopy(MAGIC, 0, all, 0, MAGIC.length);
            System.arraycopy(sha256(code), 0, all, MAGIC.length, HASH_BYTES);
            System.arraycopy(code, 0, all, MAGIC.length + HASH_BYTES, code.length);
            Files.write(fresh, all);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException _) {
            if (fresh != null) drop(fresh);   // a cache that cannot be written is no reason to fail
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
