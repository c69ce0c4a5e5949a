package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** A hand-written kernel: an entry point that instantiates a template of a resource for element types. */
public record FamilyKernel(String entry, String family, String source, Launch launch) implements KernelSource {
    /** Dimensions that a hand-written kernel takes, after merging. */
    public static final int MAX_DIMS = 8;
    /** Threads of a block; BLOCK of the prelude. */
    static final int THREADS = 256;

    /**
     * @param name       the entry's name
     * @param parameters the struct that it takes
     * @param template   the function that it calls, with its template arguments
     */
    static FamilyKernel of(String name, String family, String parameters, String template, Launch launch) {
        String source = "extern \"C\" __global__ void __launch_bounds__(" + launch.threads() + ") " + name + "(const " + parameters + " p) { "
            + template + "(p); }\n";
        return new FamilyKernel(name, family, source, launch);
    }

    static Launch threads() { return Launch.threads(THREADS); }

    static Launch block() { return Launch.block(THREADS); }

    /** Parts of an entry's name joined by underscores, types by their short names. */
    static String name(Object... parts) {
        return Arrays.stream(parts).map(p -> p instanceof ScalarType t ? t.shortName() : p.toString().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining("_"));
    }

    /** The C type of elements that are only moved: one of each width. */
    static String moved(ScalarType t) {
        return switch (t.byteSize()) {
            case 1 -> "unsigned char";
            case 2 -> "short";
            case 4 -> "int";
            case 8 -> "i64";
            default -> "c128";
        };
    }
}
