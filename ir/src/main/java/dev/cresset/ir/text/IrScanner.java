package dev.cresset.ir.text;

import dev.cresset.ir.diag.CressetException;

/** A position in IR text and the small steps all readers of it share. Spaces and line ends separate, nothing more. */
final class IrScanner {
    final String text;
    int at;

    IrScanner(String text) { this.text = text; }

    /** Moves to the next character that is not white space. */
    void skipSpace() { while (at < text.length() && Character.isWhitespace(text.charAt(at))) at++; }

    boolean atEnd() {
        skipSpace();
        return at >= text.length();
    }

    /** The next character that is not white space, or 0 at the end. */
    char peek() { return atEnd() ? 0 : text.charAt(at); }

    boolean looksAt(String token) {
        skipSpace();
        return text.startsWith(token, at);
    }

    boolean accept(String token) {
        if (!looksAt(token)) return false;
        at += token.length();
        return true;
    }

    void expect(String token) { if (!accept(token)) throw error("expected '" + token + "'"); }

    /** Letters, digits and underscores; empty if there are none here. */
    String wordOrEmpty() {
        skipSpace();
        int start = at;
        while (at < text.length() && isWordPart(text.charAt(at))) at++;
        return text.substring(start, at);
    }

    String word() {
        String word = wordOrEmpty();
        if (word.isEmpty()) throw error("expected a name");
        return word;
    }

    /** Words joined by dots: {@code __torch__.m.Net}; with {@code ::} as well, {@code prim::If}. */
    String dottedName() {
        skipSpace();
        int start = at;
        word();
        while (at + 1 < text.length() && (text.charAt(at) == '.' && isWordPart(text.charAt(at + 1))
                || text.startsWith("::", at))) {
            at += text.charAt(at) == '.' ? 1 : 2;
            word();
        }
        return text.substring(start, at);
    }

    /** The name of a value, after its {@code %}: it may hold dots. */
    String valueName() {
        expect("%");
        int start = at;
        while (at < text.length() && (isWordPart(text.charAt(at)) || text.charAt(at) == '.')) at++;
        if (at == start) throw error("expected the name of a value");
        return text.substring(start, at);
    }

    static boolean isWordPart(char c) { return c == '_' || Character.isLetterOrDigit(c); }

    /** What is left of the current line; the position moves to its end. */
    String restOfLine() {
        int end = text.indexOf('\n', at);
        if (end < 0) end = text.length();
        String rest = text.substring(at, end);
        at = end;
        return rest;
    }

    CressetException error(String what) {
        int line = 1;
        int lineStart = 0;
        for (int i = 0; i < Math.min(at, text.length()); i++) {
            if (text.charAt(i) == '\n') {
                line++;
                lineStart = i + 1;
            }
        }
        int end = text.indexOf('\n', lineStart);
        String shown = text.substring(lineStart, end < 0 ? text.length() : end);
        return new CressetException("bad graph text, " + what + " at line " + line + ", column "
            + (at - lineStart) + ": " + shown);
    }
}
