package dev.cresset.kernels.cuda.code;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Texts among the resources, above all the prelude, which every translation unit begins with; and the compiler's options. */
public final class Prelude {
    /**
     * What NVRTC gets besides the architecture. Products and sums contract to fused ones, as PyTorch's kernels are compiled; divisions
     * and roots round correctly, subnormal numbers stay, and nothing of {@code --use_fast_math} is on.
     */
    public static final List<String> OPTIONS =
        List.of("--std=c++17", "--fmad=true", "--prec-div=true", "--prec-sqrt=true", "--ftz=false");

    private static final String TEXT = resource("prelude.cuh");

    private Prelude() {}

    /** Declarations that all kernels use; needs no include path. */
    public static String text() { return TEXT; }

    static String resource(String name) {
        try (InputStream in = Prelude.class.getResourceAsStream(name)) {
            if (in == null) throw new IllegalStateException("the resource " + name + " is missing");
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
