package dev.cresset.kernels.natives;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A folder in the temporary directory that belongs to this user alone, for shared libraries that jars carry. Its name
 * carries what identifies its content, so other content goes elsewhere; each file appears by an atomic rename, so
 * processes that start together do not disturb each other.
 */
public final class PrivateFolder {
    private final Path path;

    private PrivateFolder(Path path) { this.path = path; }

    /**
     * The folder for what is identified so; a name taken by somebody else is never used.
     *
     * @throws IOException if it cannot be made
     */
    public static PrivateFolder of(String identity) throws IOException {
        Path temp = Path.of(System.getProperty("java.io.tmpdir"));
        FileAttribute<?>[] onlyOwner = isPosix(temp)
            ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))}
            : new FileAttribute<?>[0];
        Path folder = temp.resolve("cresset-" + System.getProperty("user.name").replaceAll("\\W", "_") + "-"
            + Integer.toHexString(identity.hashCode()));
        try {
            return new PrivateFolder(Files.createDirectory(folder, onlyOwner));
        } catch (FileAlreadyExistsException _) {
            return new PrivateFolder(isOurs(folder) ? folder : Files.createTempDirectory(temp, "cresset-", onlyOwner));
        }
    }

    public Path path() { return path; }

    /**
     * Brings a file here, unless one of that size is here.
     *
     * @return where it lies
     */
    public Path place(String name, long size, InputStream content) throws IOException {
        Path file = path.resolve(name);
        if (Files.exists(file) && Files.size(file) == size) return file;
        Path partial = Files.createTempFile(path, name, ".partial");
        try {
            Files.copy(content, partial, StandardCopyOption.REPLACE_EXISTING);
            Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(partial);
        }
        return file;
    }

    private static boolean isPosix(Path path) { return path.getFileSystem().supportedFileAttributeViews().contains("posix"); }

    private static boolean isOurs(Path folder) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS) || !Files.isWritable(folder)) return false;
        if (!isPosix(folder)) return true;          // Windows: the temporary directory itself is the user's
        String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS));
        if (!mode.endsWith("------")) return false;
        Path probe = Files.createTempFile(folder, "probe", null);
        try {
            return Files.getOwner(probe).equals(Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS));
        } finally {
            Files.delete(probe);
        }
    }
}
