package dev.cresset.kernels.cuda.code;

/** Text in lines, indented by blocks. */
final class Lines {
    private final StringBuilder text = new StringBuilder();
    private int depth;

    void add(String line) { text.repeat(' ', 4 * depth).append(line).append('\n'); }

    void open(String line) {
        add(line);
        depth++;
    }

    void close() {
        depth--;
        add("}");
    }

    /** A line at the left edge: for the preprocessor. */
    void pragma(String line) { text.append(line).append('\n'); }

    @Override public String toString() { return text.toString(); }
}
