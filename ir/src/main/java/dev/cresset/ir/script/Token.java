package dev.cresset.ir.script;

/**
 * A word of the language.
 *
 * @param text  as written, but empty for line ends and indentation
 * @param start char offset in the source
 */
public record Token(Kind kind, String text, int start, int end) {
    public enum Kind {
        NAME, KEYWORD, NUMBER, STRING, OPERATOR,
        /** The end of a logical line. */
        NEWLINE, INDENT, DEDENT,
        /** The end of the text. */
        END
    }

    /** Whether this is the operator or keyword. */
    public boolean is(String symbol) {
        return (kind == Kind.OPERATOR || kind == Kind.KEYWORD) && text.equals(symbol);
    }

    /** As error sentences name it. */
    String describe() {
        return switch (kind) {
            case NAME, KEYWORD, OPERATOR -> "'" + text + "'";
            case NUMBER -> "the number " + text;
            case STRING -> "a string";
            case NEWLINE -> "the end of the line";
            case INDENT -> "a line that is indented more than the one before";
            case DEDENT -> "the end of the indented block";
            case END -> "the end of the text";
        };
    }
}
