package dev.cresset.kernels.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.kernels.cuda.EmulatedCuda;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import jcuda.JCudaVersion;
import jcuda.jcublas.JCublas2;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On JCuda's own libraries. */
@EmulatedCuda
class ElfRebinderTest {
    @TempDir private Path temp;

    private static byte[] jcublas() throws IOException {
        try (InputStream in = JCublas2.class.getResourceAsStream("/lib/libJCublas2-" + JCudaVersion.get() + "-linux-x86_64.so")) {
            return in.readAllBytes();
        }
    }

    @Test void thereAndBack() throws IOException {
        byte[] before = jcublas();
        byte[] rebound = ElfRebinder.rebind(before, "libcublas.so.12", "libcublas.so.77");
        assertTrue(!new String(rebound, StandardCharsets.ISO_8859_1).contains("libcublas.so.12"));
        assertArrayEquals(before, ElfRebinder.rebind(rebound, "libcublas.so.77", "libcublas.so.12"));
        assertArrayEquals(before, ElfRebinder.rebind(before, "libother.so.12", "libother.so.13"));
    }

    @Test void theLoaderTakesTheOtherVersion() throws Exception {
        Path rebound = Files.write(temp.resolve("rebound.so"), ElfRebinder.rebind(jcublas(), "libcublas.so.12", "libcublas.so.77"));
        assertThrows(IllegalArgumentException.class, () -> SymbolLookup.libraryLookup(rebound, Arena.global()), "it needs a library that is not there");
        Path source = Files.writeString(temp.resolve("stub.c"), "int cublasCreate_v2(void **handle) { return 0; }\n");
        Path versions = Files.writeString(temp.resolve("stub.map"), "libcublas.so.77 { global: cublas*; local: *; };\n");
        Path library = temp.resolve("libcublas.so.77");
        Process compiler = new ProcessBuilder("g++", "-x", "c", "-shared", "-fPIC", "-Wl,-soname,libcublas.so.77",
            "-Wl,--version-script=" + versions, source.toString(), "-o", library.toString()).inheritIO().start();
        assertEquals(0, compiler.waitFor());
        SymbolLookup.libraryLookup(library, Arena.global());
        assertTrue(SymbolLookup.libraryLookup(rebound, Arena.global()).find("Java_jcuda_jcublas_JCublas2_cublasCreateNative").isPresent());
    }

    @Test void refusesWhatIsNoElfFile() {
        assertThrows(IllegalArgumentException.class, () -> ElfRebinder.rebind(new byte[100], "a", "b"));
        assertThrows(IllegalArgumentException.class, () -> ElfRebinder.rebind(new byte[100], "a", "bc"));
    }
}
