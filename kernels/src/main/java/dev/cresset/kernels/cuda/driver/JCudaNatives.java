package dev.cresset.kernels.cuda.driver;

import dev.cresset.kernels.natives.PrivateFolder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import jcuda.JCudaVersion;
import jcuda.LibUtils;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcudnn.JCudnn;
import jcuda.nvrtc.JNvrtc;

/**
 * Brings JCuda's native libraries onto the disk and has JCuda load them. JCuda itself would extract to the shared
 * temporary folder, and take what lies there already; so that folder is a private one while it loads, and what lies there
 * are our copies, re-bound where the machine has CUDA 13.
 */
final class JCudaNatives {
    private static final List<String> NAMES = List.of("JCudaDriver", "JNvrtc", "JCublas2", "JCudnn");
    private static final int MADE_FOR = 12;

    private JCudaNatives() {}

    /**
     * Extracts and loads. CUDA's own libraries must have been loaded before: the natives need them by name.
     *
     * @param major the version of CUDA whose libraries were loaded
     * @return the folder
     * @throws IOException if the jars with the natives are not on the class path, or the folder cannot be written
     * @throws LinkageError if they cannot be loaded
     */
    static Path load(int major) throws IOException {
        PrivateFolder folder = PrivateFolder.of("jcuda " + JCudaVersion.get() + " for CUDA " + major);
        for (String name : NAMES) extract(name, major, folder);
        synchronized (JCudaNatives.class) {
            String before = System.getProperty("java.io.tmpdir");
            System.setProperty("java.io.tmpdir", folder.path().toString());
            try {
                JCudaDriver.setExceptionsEnabled(false);
                JNvrtc.setExceptionsEnabled(false);
                JCublas2.setExceptionsEnabled(false);
                JCudnn.setExceptionsEnabled(false);
            } finally {
                System.setProperty("java.io.tmpdir", before);
            }
        }
        return folder.path();
    }

    private static void extract(String name, int major, PrivateFolder folder) throws IOException {
        String file = LibUtils.createLibraryFileName(LibUtils.createPlatformLibraryName(name + "-" + JCudaVersion.get()));
        try (InputStream in = JCudaDriver.class.getResourceAsStream("/lib/" + file)) {
            if (in == null) {
                throw new IOException("the class path has no lib/" + file + ": add org.jcuda:jcuda-natives, jcublas-natives and "
                    + "jcudnn-natives " + JCudaVersion.get() + " with the classifier of this machine");
            }
            byte[] content = in.readAllBytes();
            if (major != MADE_FOR) content = rebound(content, major);
            folder.place(file, content.length, new ByteArrayInputStream(content));
        }
    }

    private static byte[] rebound(byte[] content, int major) throws IOException {
        if (Library.isWindows()) throw new IOException("on Windows, CUDA " + MADE_FOR + " is needed, and only CUDA " + major + " was found");
        byte[] out = content;
        for (Library l : Library.values()) {
            if (l.isVersioned()) out = ElfRebinder.rebind(out, l.file(MADE_FOR), l.file(major));
        }
        return out;
    }
}
