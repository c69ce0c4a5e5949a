package dev.cresset.kernels.cpu.onednn;

import dev.cresset.kernels.natives.PrivateFolder;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;

/** Brings the shared libraries that the oneDNN jar carries onto the disk, once per version and user. */
final class OneDnnFiles {
    private static final String FOLDER = "org/bytedeco/dnnl/linux-x86_64/";
    private static final List<String> NAMES = List.of("libgomp.so.1", "libdnnl.so.3");

    private OneDnnFiles() {}

    /**
     * The folder that holds libdnnl.so.3 and, beside it, the libgomp.so.1 it needs.
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
        PrivateFolder folder = PrivateFolder.of(identity.toString());
        for (int i = 0; i < sizes.length; i++) {
            try (InputStream in = loader.getResourceAsStream(FOLDER + NAMES.get(i))) {
                folder.place(NAMES.get(i), sizes[i], in);
            }
        }
        return folder.path();
    }
}
