package dev.cresset.cli.inspect;

import dev.cresset.ir.archive.Archive;
import dev.cresset.ir.archive.ModelFile;
import java.io.PrintWriter;
import java.util.List;

/** Prints what can be read from a model file before anything is compiled. */
public final class ArchiveText {
    private ArchiveText() {}

    /** All code records, each under its name. */
    public static void code(ModelFile file, PrintWriter out) {
        Archive archive = file.archive();
        for (String name : archive.entries()) {
            if (!name.endsWith(".py") || !(name.startsWith("code/") || name.startsWith("libs/"))) continue;
            out.println("# " + name);
            out.println(archive.source(name).text());
        }
    }

    /** {@code c0: value}, one a line. */
    public static void constants(ModelFile file, PrintWriter out) {
        List<?> constants = file.constants();
        for (int i = 0; i < constants.size(); i++) out.println("c" + i + ": " + constants.get(i));
    }
}
