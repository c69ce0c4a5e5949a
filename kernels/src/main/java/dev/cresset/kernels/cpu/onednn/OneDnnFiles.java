package dev.cresset.kernels.cpu.onednn;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** Brings the shared libraries that the oneDNN jar carries onto the disk, once per version and user. */
final class OneDnnFiles {
    private static final String FOLDER = "org/bytedeco/dnnl/linux-x86_64/";
    private static final List<String> NAMES = List.of("libgomp.so.1", "libdnnl.so.3");

    private OneDnnFiles() {}

    /**
     * The folder that holds libdnnl.so.3 and, beside it, the libgomp.so.1 it needs. The folder's name carries the
     * sizes, so another version goes elsewhere; each file appears by an atomic rename, so processes that start together
     * do not disturb each other.
     *
     * @throws IOException if the jar is not on the class path or the folder cannot be written
     */
    static Path extract() throws IOException {
        ClassLoader loader = OneDnnFiles.class.getClassLoader();
        long[] sizes = new long[NAMES.size()];
        StringBuilder identity = new StringBuilder();
        for (int i = 0; i < sizes.length; i++) {
            URL url = loader.getResource(FOLDER + NAMES.get(i));
            if (url == null) {
                throw new IOException("the class path has no " + FOLDER + NAMES.get(i)
                        + "; add org.bytedeco:dnnl with the classifier linux-x86_64, or name a "
                        + "libdnnl by -Dcresset.onednn.path");
            }
            sizes[i] = url.openConnection().getContentLengthLong();
            identity.append(NAMES.get(i)).append(sizes[i]);
        }
        Path folder = privateFolder(Integer.toHexString(identity.toString().hashCode()));
        for (int i = 0; i < sizes.length; i++) place(loader, folder, NAMES.get(i), sizes[i]);
        return folder;
    }

    /**
     * A folder in the temporary directory that belongs to this user alone; a name taken by somebody else is never used.
     */
    private static Path privateFolder(String hash) throws IOException {
        Path temp = Path.of(System.getProperty("java.io.tmpdir"));
        var onlyOwner = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        Path folder = temp.resolve("cresset-" + System.getProperty("user.name").replaceAll("\\W", "_") + "-" + hash);
        try {
            return Files.createDirectory(folder, onlyOwner);
        } catch (java.nio.file.FileAlreadyExistsException e) {
            return isOurs(folder) ? folder : Files.createTempDirectory(temp, "cresset-", onlyOwner);
        }
    }

    private static boolean isOurs(Path folder) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS) || !Files.isWritable(folder)) return false;
        String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS));
        if (!mode.endsWith("------")) return false;
        Path probe = Files.createTempFile(folder, "probe", null);
        try {
            return Files.getOwner(probe).equals(Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS));
        } finally {
            Files.delete(probe);
        }
    }

    private static void place(ClassLoader loader, Path folder, String name, long size) throws IOException {
        Path file = folder.resolve(name);
        if (Files.exists(file) && Files.size(file) == size) return;
        Path partial = Files.createTempFile(folder, name, ".partial");
        try (InputStream in = loader.getResourceAsStream(FOLDER + name)) {
            Files.copy(in, partial, StandardCopyOption.REPLACE_EXISTING);
            Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(partial);
        }
    }
}
