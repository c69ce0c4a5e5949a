package dev.cresset.runtime.interpreter;

import dev.cresset.ir.graph.Location;
import dev.cresset.ir.graph.SourceRange;
import java.util.ArrayList;
import java.util.List;

/** Shows where a program failed: the serialised code, and the user's own source where the archive recorded it. */
final class ErrorTrace {
    private static final String SERIALIZED = "Traceback of TorchScript, serialized code (most recent call last):";
    private static final String ORIGINAL = "Traceback of TorchScript, original code (most recent call last):";

    private ErrorTrace() {}

    static String of(Location location) {
        List<String> serialized = new ArrayList<>();
        List<String> original = new ArrayList<>();
        for (Location l = location; l != null; l = l.caller()) {
            SourceRange range = l.range();
            if (range == null) continue;
            serialized.addFirst(range.show("  File \"" + range.source().name() + "\", line " + range.line() + ", in " + l.function()));
            range.original().ifPresent(o -> original.addFirst(o.show("  File \"" + o.source().name() + "\", line " + o.line())));
        }
        StringBuilder out = new StringBuilder("The following operation failed in the TorchScript interpreter.\n");
        out.append(SERIALIZED).append('\n').append(String.join("\n", serialized));
        if (!original.isEmpty()) out.append("\n\n").append(ORIGINAL).append('\n').append(String.join("\n", original));
        return out.toString();
    }
}
