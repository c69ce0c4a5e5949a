package dev.cresset.cli.data;

import dev.cresset.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** NumPy's {@code .npz} files: zip archives of named {@code .npy} files. */
public final class Npz {
    private static final String SUFFIX = ".npy";

    private Npz() {}

    /**
     * One array of a file.
     *
     * @param name the array's name, or null for the only one
     * @throws IllegalArgumentException if there is no such array; the message names those there are
     */
    public static Tensor read(Path file, String name) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            List<String> names = zip.stream().map(ZipEntry::getName).filter(n -> n.endsWith(SUFFIX))
                .map(n -> n.substring(0, n.length() - SUFFIX.length())).toList();
            String wanted = name != null ? name : names.size() == 1 ? names.getFirst() : null;
            if (wanted == null || !names.contains(wanted)) {
                throw new IllegalArgumentException((name == null ? file + " holds several arrays, say which"
                    : file + " has no array '" + name + "'") + ": write " + file + ":NAME with NAME one of "
                        + String.join(", ", names));
            }
            return Npy.read(zip.getInputStream(zip.getEntry(wanted + SUFFIX)).readAllBytes(), file + ":" + wanted);
        } catch (ZipException e) {
            throw new IllegalArgumentException(file + " is no usable .npz file: " + e.getMessage(), e);
        }
    }

    /** Writes arrays by name, uncompressed in effect as {@code numpy.savez} does. */
    public static void write(Path file, Map<String, Tensor> arrays) throws IOException {
        try (OutputStream out = Files.newOutputStream(file); ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.setLevel(0);
            for (Map.Entry<String, Tensor> array : arrays.entrySet()) {
                ZipEntry entry = new ZipEntry(array.getKey() + SUFFIX);
                entry.setTime(0);
                zip.putNextEntry(entry);
                zip.write(Npy.write(array.getValue()));
                zip.closeEntry();
            }
        }
    }
}
