package dev.cresset.ir.graph;

import java.util.Optional;

/**
 * A range of characters of a source text.
 *
 * @param firstLine 1-based line number of the text's first line within its file (1 unless the text is an excerpt)
 */
public record SourceRange(Source source, int start, int end, int firstLine) {
    private static final int CONTEXT_LINES = 3;

    public SourceRange(Source source, int start, int end) { this(source, start, end, 1); }

    /** 1-based line within the file. */
    public int line() { return source.lineOf(start) + firstLine - 1; }

    /** 0-based column. */
    public int column() { return source.columnOf(start); }

    /** The place in the user's own file, if the archive recorded it. */
    public Optional<SourceRange> original() { return source.origins().at(start); }

    /** The smallest range over this and the other one, of the same source. */
    public SourceRange union(SourceRange other) {
        return new SourceRange(source, Math.min(start, other.start), Math.max(end, other.end), firstLine);
    }

    /** {@code file:line:column}, as graphs print it. */
    public String place() { return source.name() + ":" + line() + ":" + column(); }

    /** File, line, and the source lines around with the range marked below by {@code ~~~ <--- HERE}. */
    public String show() { return show("  File \"" + source.name() + "\", line " + line()); }

    /** As {@link #show()}, with another first line. */
    public String show(String heading) {
        String[] lines = source.text().split("\n", -1);
        int at = source.lineOf(start) - 1;
        StringBuilder out = new StringBuilder(heading);
        for (int i = Math.max(0, at - CONTEXT_LINES); i <= Math.min(lines.length - 1, at + CONTEXT_LINES - 1); i++) {
            if (i > at && lines[i].isBlank() && i == lines.length - 1) break;
            out.append("\n    ").append(lines[i]);
            if (i == at) {
                int from = Math.min(column(), lines[i].length());
                int to = Math.max(from + 1, Math.min(lines[i].length(), from + Math.max(1, end - start)));
                out.append("\n    ").append(" ".repeat(from)).append("~".repeat(to - from)).append(" <--- HERE");
            }
        }
        return out.toString();
    }

    @Override public String toString() { return place(); }
}
