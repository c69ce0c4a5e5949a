package dev.cresset.ir.script;

import dev.cresset.ir.diag.ScriptException;
import dev.cresset.ir.graph.Source;
import dev.cresset.ir.graph.SourceRange;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Cuts a text into tokens. Indentation becomes {@link Token.Kind#INDENT} and {@link Token.Kind#DEDENT}; within brackets
 * line ends are blanks. A missing last line end is supplied.
 */
public final class Lexer {
    private static final Set<String> KEYWORDS = Set.of("def", "if", "else", "elif", "while", "for", "in", "not", "is",
            "True", "False", "None", "and", "or", "return", "raise", "assert", "break", "continue", "del", "pass",
            "class", "import", "with", "as", "global", "from", "lambda", "try", "except", "finally", "yield",
                    "nonlocal");
    private static final Map<String, String> OPERATORS = new HashMap<>();
    private static final int LONGEST_OPERATOR = 3;
    private static final Set<String> STRING_PREFIXES = Set.of("r", "u", "b", "f", "br", "rb", "fr", "rf");

    static {
        for (String op : ("... **= //= <<= >>= -> == != <= >= // << >> ** += -= *= /= %= |= &= ^= @= "
                + "( ) [ ] { } , : ; . = + - * / % @ | & ^ ~ < >").split(" ")) OPERATORS.put(op, op);
    }

    private final Source source;
    private final String text;
    private final int limit;
    private final boolean lines;
    private final List<Token> tokens = new ArrayList<>();
    private final List<SourceRange> typeComments = new ArrayList<>();
    private final Deque<Integer> openBrackets = new ArrayDeque<>();
    private final Deque<Integer> indents = new ArrayDeque<>(List.of(0));
    private int at;

    private Lexer(Source source, int from, int to, boolean lines) {
        this.source = source;
        this.text = source.text();
        this.at = from;
        this.limit = to;
        this.lines = lines;
    }

    /**
     * What a text consists of.
     *
     * @param typeComments the texts after {@code # type:}, in order; {@code ignore} is left out
     */
    public record Tokens(List<Token> tokens, List<SourceRange> typeComments) {}

    /** The tokens of a whole file. */
    public static Tokens file(Source source) { return new Lexer(source, 0, source.text().length(), true).run(); }

    /** The tokens of one expression, where line ends mean nothing. */
    public static Tokens expression(Source source, int from, int to) {
        return new Lexer(source, from, to, false).run();
    }

    private Tokens run() {
        if (at == 0 && at < limit && text.charAt(0) == '\uFEFF') at++;
        if (lines) startLine();
        while (at < limit) token();
        if (!openBrackets.isEmpty()) {
            int open = openBrackets.peek();
            throw error("This '" + text.charAt(open) + "' is never closed", open, open + 1);
        }
        if (lines) endText();
        add(Token.Kind.END, "", limit, limit);
        return new Tokens(tokens, typeComments);
    }

    private void endText() {
        if (!tokens.isEmpty() && tokens.getLast().kind() != Token.Kind.NEWLINE)
            add(Token.Kind.NEWLINE, "", limit, limit);
        while (indents.peek() > 0) {
            indents.pop();
            add(Token.Kind.DEDENT, "", limit, limit);
        }
    }

    private void token() {
        char c = text.charAt(at);
        if (c == '\n' || c == '\r') lineEnd();
        else if (c == ' ' || c == '\t' || c == '\f') at++;
        else if (c == '#') comment();
        else if (c == '\\') continuation();
        else if (isNameStart(at)) nameOrString();
        else if (isDigit(at) || c == '.' && isDigit(at + 1)) number();
        else if (c == '"' || c == '\'') string(at);
        else operator();
    }

    private void lineEnd() {
        int start = at;
        skipLineEnd();
        if (!lines || !openBrackets.isEmpty()) return;
        add(Token.Kind.NEWLINE, "", start, start);
        startLine();
    }

    private void skipLineEnd() {
        if (text.charAt(at) == '\r' && at + 1 < limit && text.charAt(at + 1) == '\n') at++;
        at++;
    }

    /** Skips empty lines, then compares the indentation of the first other one. */
    private void startLine() {
        while (at < limit) {
            int lineStart = at;
            while (at < limit && isBlank(text.charAt(at))) at++;
            int width = at - lineStart;
            if (at < limit && text.charAt(at) == '#') comment();
            if (at == limit) return;
            if (text.charAt(at) != '\n' && text.charAt(at) != '\r') {
                indentation(width);
                return;
            }
            skipLineEnd();
        }
    }

    private static boolean isBlank(char c) { return c == ' ' || c == '\t' || c == '\f'; }

    private void indentation(int width) {
        if (width > indents.peek()) {
            indents.push(width);
            add(Token.Kind.INDENT, "", at, at);
        }
        while (width < indents.peek()) {
            indents.pop();
            if (width > indents.peek()) {
                throw error("This line is indented by " + width + " columns, which matches no block before it; "
                        + "the nearest is at " + indents.peek(), at, at + 1);
            }
            add(Token.Kind.DEDENT, "", at, at);
        }
    }

    private void comment() {
        int start = at + 1;
        while (at < limit && text.charAt(at) != '\n' && text.charAt(at) != '\r') at++;
        while (start < at && isBlank(text.charAt(start))) start++;
        if (!text.startsWith("type:", start)) return;
        SourceRange type = new SourceRange(source, Math.min(at, start + "type:".length()), at);
        if (!text.substring(type.start(), at).strip().startsWith("ignore")) typeComments.add(type);
    }

    private void continuation() {
        if (at + 1 == limit || text.charAt(at + 1) != '\n' && text.charAt(at + 1) != '\r') {
            throw error("A '\\' outside a string must be the last character of its line", at, at + 1);
        }
        at++;
        skipLineEnd();
    }

    private void nameOrString() {
        int start = at;
        while (at < limit && isNamePart(at)) at += Character.charCount(text.codePointAt(at));
        at = Math.min(at, limit);
        String word = text.substring(start, at);
        boolean quote = at < limit && (text.charAt(at) == '"' || text.charAt(at) == '\'');
        if (quote && word.length() <= 2 && STRING_PREFIXES.contains(word.toLowerCase(Locale.ROOT))) string(start);
        else add(KEYWORDS.contains(word) ? Token.Kind.KEYWORD : Token.Kind.NAME, word, start, at);
    }

    private void number() {
        int start = at;
        if (text.charAt(at) == '0' && at + 1 < limit && "xXbBoO".indexOf(text.charAt(at + 1)) >= 0) {
            at += 2;
            while (at < limit && (isDigit(at) || isNamePart(at))) at++;
        } else {
            digits();
            if (at < limit && text.charAt(at) == '.') {
                at++;
                digits();
            }
            exponent();
            if (at < limit && (text.charAt(at) == 'j' || text.charAt(at) == 'J')) at++;
            if (at < limit && isNamePart(at)) throw error("A number must not run into a name", start, at + 1);
        }
        add(Token.Kind.NUMBER, text.substring(start, at), start, at);
    }

    private void digits() {
        while (at < limit && (isDigit(at) || text.charAt(at) == '_' && isDigit(at + 1))) at++;
    }

    private void exponent() {
        if (at == limit || text.charAt(at) != 'e' && text.charAt(at) != 'E') return;
        boolean signed = at + 1 < limit && (text.charAt(at + 1) == '+' || text.charAt(at + 1) == '-');
        if (!isDigit(signed ? at + 2 : at + 1)) return;
        at += signed ? 2 : 1;
        digits();
    }

    /** At the opening quote; the token begins with the prefix. */
    private void string(int start) {
        char quote = text.charAt(at);
        String triple = String.valueOf(quote).repeat(3);
        boolean isTriple = text.startsWith(triple, at) && at + 3 <= limit;
        int open = at;
        at += isTriple ? 3 : 1;
        while (at < limit) {
            char c = text.charAt(at);
            if (c == quote && (!isTriple || text.startsWith(triple, at) && at + 3 <= limit)) {
                at += isTriple ? 3 : 1;
                add(Token.Kind.STRING, text.substring(start, at), start, at);
                return;
            }
            if (!isTriple && (c == '\n' || c == '\r')) break;
            if (c == '\\' && at + 1 < limit) {
                at++;
                if (text.charAt(at) == '\r') skipLineEnd();
                else at++;
            } else {
                at++;
            }
        }
        throw error("This string is never closed; it needs a " + (isTriple ? triple : String.valueOf(quote))
                + (isTriple ? " before the end of the text" : " on the same line"), open, open + 1);
    }

    private void operator() {
        for (int length = Math.min(LONGEST_OPERATOR, limit - at); length > 0; length--) {
            String op = OPERATORS.get(text.substring(at, at + length));
            if (op == null) continue;
            bracket(op);
            add(Token.Kind.OPERATOR, op, at, at + length);
            at += length;
            return;
        }
        int c = text.codePointAt(at);
        throw error("The character '" + Character.toString(c) + String.format(Locale.ROOT, "' (U+%04X)", c)
                + " does not occur in TorchScript outside strings and comments", at, at + 1);
    }

    private void bracket(String op) {
        switch (op) {
            case "(", "[", "{" -> openBrackets.push(at);
            case ")", "]", "}" -> {
                if (openBrackets.isEmpty()) throw error("This '" + op + "' closes nothing", at, at + 1);
                char open = text.charAt(openBrackets.pop());
                char expected = open == '(' ? ')' : open == '[' ? ']' : '}';
                if (op.charAt(0) != expected) {
                    throw error("Expected '" + expected + "' to close '" + open + "' but found '" + op + "'", at,
                            at + 1);
                }
            }
            default -> { }
        }
    }

    private boolean isDigit(int i) { return i < limit && text.charAt(i) >= '0' && text.charAt(i) <= '9'; }

    private boolean isNameStart(int i) { return text.charAt(i) == '_' || Character.isLetter(text.codePointAt(i)); }

    private boolean isNamePart(int i) {
        return text.charAt(i) == '_' || Character.isLetterOrDigit(text.codePointAt(i));
    }

    private void add(Token.Kind kind, String word, int start, int end) {
        tokens.add(new Token(kind, word, start, end));
    }

    private ScriptException error(String reason, int start, int end) {
        return new ScriptException(reason, new SourceRange(source, start, end));
    }
}
