package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A hand-written kernel: an entry point that instantiates a template of a resource for element types. Its text is made when asked
 * for: a launch needs none but its first.
 *
 * <p>Positions are counted in 64 bits, for all sizes: where both numbers of a division fit into 32 bits, code made by NVIDIA's
 * compilers divides in 32, as it finds when it runs.
 */
public final class FamilyKernel implements KernelSource {
    /** Dimensions that a hand-written kernel takes, after merging. */
    public static final int MAX_DIMS = 8;
    /** Threads of a block; BLOCK of the prelude. */
    static final int THREADS = 256;

    private final Name name;
    private final List<String> families;
    private final String parameters;
    private final Supplier<String> template;
    private final Launch launch;

    private FamilyKernel(Name name, List<String> families, String parameters, Supplier<String> template, Launch launch) {
        this.name = name;
        this.families = families;
        this.parameters = parameters;
        this.template = template;
        this.launch = launch;
    }

    /** An entry's name. As text: its parts joined by underscores, types by their short names. */
    record Name(List<Object> parts) {
        @Override public String toString() {
            return parts.stream().map(p -> p instanceof ScalarType t ? t.shortName() : p.toString().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining("_"));
        }
    }

    /**
     * @param name       the entry's name
     * @param parameters the struct that it takes
     * @param template   the function that it calls, with its template arguments
     */
    static FamilyKernel of(Name name, String family, String parameters, Supplier<String> template, Launch launch) {
        return of(name, List.of(family), parameters, template, launch);
    }

    /** As the other, with templates that use those of other resources, which come first. */
    static FamilyKernel of(Name name, List<String> families, String parameters, Supplier<String> template, Launch launch) {
        return new FamilyKernel(name, families, parameters, template, launch);
    }

    static Name name(Object... parts) { return new Name(List.of(parts)); }

    static Launch threads() { return Launch.threads(THREADS); }

    static Launch block() { return Launch.block(THREADS); }

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

    @Override public Object key() { return name; }

    @Override public String entry() { return name.toString(); }

    @Override public List<String> families() { return families; }

    @Override public String source() {
        return "extern \"C\" __global__ void " + launch.bounds() + " " + name + "(const " + parameters + " p) { "
            + template.get() + "(p); }\n";
    }

    @Override public Launch launch() { return launch; }
}
