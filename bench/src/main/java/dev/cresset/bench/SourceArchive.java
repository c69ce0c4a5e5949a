package dev.cresset.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.ZipOutputStream;

/** A TorchScript archive in memory, from the code of a module without attributes. */
public final class SourceArchive {
    private static final String MODULE = "Bench";

    private SourceArchive() {}

    /** @param forward the method's text from its parameters after {@code self} on, indented as in an archive */
    public static byte[] of(String forward) {
        String code = "class " + MODULE + "(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n"
            + "  def forward(self: __torch__." + MODULE + ",\n    " + forward;
        // a class without state but training=False, and an empty tuple of constants
        String module = "\u0080\u0002c__torch__\n" + MODULE + "\n)\u0081}(X\u0008\u0000\u0000\u0000training\u0089ub.";
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            StoredZip.put(zip, "bench/data.pkl", module.getBytes(StandardCharsets.ISO_8859_1));
            StoredZip.put(zip, "bench/code/__torch__.py", code.getBytes(StandardCharsets.UTF_8));
            StoredZip.put(zip, "bench/constants.pkl", "\u0080\u0002).".getBytes(StandardCharsets.ISO_8859_1));
            StoredZip.put(zip, "bench/version", "3\n".getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
