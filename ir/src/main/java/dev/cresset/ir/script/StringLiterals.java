package dev.cresset.ir.script;

import dev.cresset.ir.diag.ScriptException;
import dev.cresset.ir.graph.SourceRange;
import dev.cresset.ir.script.ast.Expr;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The values of string literals: adjacent ones are joined, escapes decoded, f-strings taken apart. */
final class StringLiterals {
    private final TokenCursor cursor;
    private final String text;
    private final List<Expr> parts = new ArrayList<>();
    private final StringBuilder pending = new StringBuilder();
    private int pendingStart;

    private StringLiterals(TokenCursor cursor) {
        this.cursor = cursor;
        this.text = cursor.source().text();
    }

    /** Takes one or more string tokens. */
    static Expr parse(TokenCursor cursor) { return new StringLiterals(cursor).run(); }

    private Expr run() {
        int start = cursor.peek().start();
        pendingStart = start;
        boolean formatted = false;
        while (cursor.at(Token.Kind.STRING)) {
            Token token = cursor.next();
            int quote = 0;
            while (Character.isLetter(token.text().charAt(quote))) quote++;
            String prefix = token.text().substring(0, quote).toLowerCase(Locale.ROOT);
            if (prefix.contains("b")) throw cursor.error("TorchScript has no bytes; write a string without b", token);
            boolean raw = prefix.contains("r");
            int quotes = token.text().startsWith(token.text().substring(quote, quote + 1).repeat(3), quote)
                    && token.text().length() >= quote + 6 ? 3 : 1;
            int from = token.start() + quote + quotes;
            int to = token.end() - quotes;
            if (prefix.contains("f")) {
                formatted = true;
                format(from, to, raw);
            } else {
                decode(from, to, raw);
            }
        }
        SourceRange range = cursor.since(start);
        if (!formatted) return new Expr.StringLiteral(pending.toString(), range);
        flush(range.end());
        return new Expr.FormattedString(parts, range);
    }

    private void flush(int end) {
        if (!pending.isEmpty()) parts.add(new Expr.StringLiteral(pending.toString(), range(pendingStart, end)));
        pending.setLength(0);
    }

    private void format(int from, int to, boolean raw) {
        int textStart = from;
        int i = from;
        while (i < to) {
            char c = text.charAt(i);
            if (c == '\\' && !raw) {
                i += 2;
            } else if ((c == '{' || c == '}') && i + 1 < to && text.charAt(i + 1) == c) {
                decode(textStart, i + 1, raw);
                i += 2;
                textStart = i;
            } else if (c == '}') {
                throw new ScriptException("A '}' alone in an f-string must be written '}}'", range(i, i + 1));
            } else if (c == '{') {
                decode(textStart, i, raw);
                flush(i);
                int close = closingBrace(i, to);
                parts.add(value(i + 1, close));
                i = close + 1;
                textStart = i;
                pendingStart = i;
            } else {
                i++;
            }
        }
        decode(textStart, to, raw);
    }

    private int closingBrace(int open, int to) {
        int depth = 0;
        char quote = 0;
        for (int i = open + 1; i < to; i++) {
            char c = text.charAt(i);
            if (quote != 0) {
                if (c == quote) quote = 0;
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (c == '(' || c == '[' || c == '{') {
                depth++;
            } else if (depth > 0 && (c == ')' || c == ']' || c == '}')) {
                depth--;
            } else if (c == '}') {
                return i;
            } else if (depth == 0 && (c == ':' || c == '!' && text.charAt(i + 1) != '=')) {
                throw new ScriptException("TorchScript f-strings have no format specifications or conversions; "
                        + "write plain {value}", range(i, i + 1));
            }
        }
        throw new ScriptException("This '{' of an f-string is never closed", range(open, open + 1));
    }

    private Expr value(int from, int to) {
        TokenCursor inner = new TokenCursor(cursor.source(), Lexer.expression(cursor.source(), from, to),
                cursor.depth());
        inner.enterExpression();
        return new ExpressionParser(inner).whole();
    }

    private void decode(int from, int to, boolean raw) {
        int i = from;
        while (i < to) {
            char c = text.charAt(i);
            if (c == '\r') {
                pending.append('\n');
                i += i + 1 < to && text.charAt(i + 1) == '\n' ? 2 : 1;
            } else if (c == '\\' && !raw && i + 1 < to) {
                i = escape(i + 1, to);
            } else {
                pending.append(c);
                i++;
            }
        }
    }

    /** At the character after the backslash; returns the offset after the escape. */
    private int escape(int i, int to) {
        char c = text.charAt(i);
        int simple = "\\'\"ntrabfv".indexOf(c);
        if (simple >= 0) {
            pending.append("\\'\"\n\t\r\007\b\f\013".charAt(simple));
            return i + 1;
        }
        return switch (c) {
            case '\n' -> i + 1;
            case '\r' -> i + 1 < to && text.charAt(i + 1) == '\n' ? i + 2 : i + 1;
            case 'x' -> codePoint(i, 2, to);
            case 'u' -> codePoint(i, 4, to);
            case 'U' -> codePoint(i, 8, to);
            case '0', '1', '2', '3', '4', '5', '6', '7' -> octal(i, to);
            default -> {
                pending.append('\\').append(c);       // as Python does
                yield i + 1;
            }
        };
    }

    private int codePoint(int letter, int digits, int to) {
        int value = 0;
        for (int i = letter + 1; i <= letter + digits; i++) {
            int digit = i < to ? Character.digit(text.charAt(i), 16) : -1;
            if (digit < 0) {
                throw new ScriptException("The escape \\" + text.charAt(letter) + " needs " + digits
                        + " hexadecimal digits", range(letter - 1, Math.min(i + 1, to)));
            }
            value = value << 4 | digit;
        }
        if (!Character.isValidCodePoint(value)) {
            throw new ScriptException("This escape names no Unicode character", range(letter - 1, letter + digits + 1));
        }
        pending.appendCodePoint(value);
        return letter + digits + 1;
    }

    private int octal(int from, int to) {
        int value = 0;
        int i = from;
        while (i < Math.min(to, from + 3) && text.charAt(i) >= '0' && text.charAt(i) <= '7') {
            value = value * 8 + text.charAt(i++) - '0';
        }
        pending.append((char) value);
        return i;
    }

    private SourceRange range(int from, int to) { return new SourceRange(cursor.source(), from, to); }
}
