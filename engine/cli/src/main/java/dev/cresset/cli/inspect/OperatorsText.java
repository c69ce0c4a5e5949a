package dev.cresset.cli.inspect;

import dev.cresset.LoadReport;
import dev.cresset.ir.graph.Location;
import dev.cresset.ir.graph.SourceRange;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The operators of a program as a table; those that are missing first, with the places that call them. */
public final class OperatorsText {
    private static final int MAX_PLACES = 5;

    private OperatorsText() {}

    public static String of(LoadReport report) {
        StringBuilder out = new StringBuilder();
        List<LoadReport.Use> missing = report.missing();
        for (LoadReport.Use use : missing) missing(use, out);
        for (LoadReport.Failure f : report.failures()) {
            out.append("DOES NOT COMPILE ").append(f.function()).append('\n').append(f.message().indent(4));
        }
        if (!out.isEmpty()) out.append('\n');
        for (LoadReport.Use use : report.operators()) {
            if (use.isSupported()) out.append(String.format("%6d  %s%n", use.places().size(), use.operator()));
        }
        return out.append(String.format("%n%d operators, %d not supported%n", report.operators().size(),
            missing.size())).toString();
    }

    private static void missing(LoadReport.Use use, StringBuilder out) {
        out.append("MISSING ").append(use.operator()).append(": ").append(use.obstacle().lines().findFirst().orElse(""))
            .append("; called in ").append(use.places().size())
                .append(use.places().size() == 1 ? " place\n" : " places\n");
        Set<String> places = new LinkedHashSet<>();
        for (Location l : use.places()) if (l.range() != null) places.add(place(l.range().original()
            .orElse(l.range())));
        places.stream().limit(MAX_PLACES).forEach(p -> out.append("    ").append(p).append('\n'));
        if (places.size() > MAX_PLACES) out.append("    … and ").append(places.size() - MAX_PLACES).append(" more\n");
    }

    /** {@code file:line: the line itself}. */
    private static String place(SourceRange r) {
        String[] lines = r.source().text().split("\n", -1);
        int at = r.source().lineOf(r.start()) - 1;
        return r.source().name() + ":" + r.line() + ": " + (at < lines.length ? lines[at].strip() : "");
    }
}
