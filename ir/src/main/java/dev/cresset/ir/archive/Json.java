package dev.cresset.ir.archive;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A reader of JSON: objects come out as maps in order, arrays as lists, numbers as {@link Long} or {@link Double}.
 * Depth and number of values are bounded. Malformed text gives an {@link IllegalArgumentException} with a sentence;
 * {@link #position()} says where.
 */
final class Json {
    private static final int MAX_DEPTH = 256;
    private static final int MAX_VALUES = 2_000_000;

    private final String text;
    private int pos;
    private int values;

    Json(String text) { this.text = text; }

    /** Characters read so far. */
    int position() { return pos; }

    /** The one value of the text. */
    Object read() {
        Object value = value(0);
        space();
        if (pos < text.length()) {
            throw new IllegalArgumentException("there is more text after the end of the JSON value");
        }
        return value;
    }

    private Object value(int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("JSON is nested more than " + MAX_DEPTH + " levels deep");
        }
        if (++values > MAX_VALUES) throw new IllegalArgumentException("JSON has more than " + MAX_VALUES + " values");
        return switch (peek()) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private Map<String, Object> object(int depth) {
        Map<String, Object> map = new LinkedHashMap<>();
        pos++;
        if (peek() == '}') {
            pos++;
            return map;
        }
        while (true) {
            if (peek() != '"') throw new IllegalArgumentException("a JSON object's key must be a string");
            String key = string();
            expect(':');
            map.put(key, value(depth + 1));
            if (peek() == '}') {
                pos++;
                return map;
            }
            expect(',');
        }
    }

    private List<Object> array(int depth) {
        List<Object> list = new ArrayList<>();
        pos++;
        if (peek() == ']') {
            pos++;
            return list;
        }
        while (true) {
            list.add(value(depth + 1));
            if (peek() == ']') {
                pos++;
                return list;
            }
            expect(',');
        }
    }

    private String string() {
        StringBuilder out = new StringBuilder();
        for (pos++; ; ) {
            char c = next();
            if (c == '"') return out.toString();
            out.append(c == '\\' ? escape() : c);
        }
    }

    private char escape() {
        char c = next();
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int code = 0;
                for (int i = 0; i < 4; i++) {
                    int digit = Character.digit(next(), 16);
                    if (digit < 0) throw new IllegalArgumentException("a JSON escape needs four hexadecimal digits");
                    code = code << 4 | digit;
                }
                yield (char) code;
            }
            default -> throw new IllegalArgumentException("JSON has no escape \\" + c);
        };
    }

    private Object number() {
        int from = pos;
        while (pos < text.length() && "+-.0123456789eE".indexOf(text.charAt(pos)) >= 0) pos++;
        String digits = text.substring(from, pos);
        try {
            if (digits.length() > 40) throw new NumberFormatException();
            if (digits.matches("-?[0-9]{1,18}")) return Long.parseLong(digits);
            return Double.parseDouble(digits);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("a JSON value is expected", e);
        }
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, pos)) throw new IllegalArgumentException("a JSON value is expected");
        pos += word.length();
        return value;
    }

    private void expect(char c) {
        if (peek() != c) {
            throw new IllegalArgumentException("'" + c + "' is expected in JSON, but there is '" + peek() + "'");
        }
        pos++;
    }

    private char peek() {
        space();
        if (pos >= text.length()) throw new IllegalArgumentException("the JSON text ends in the middle");
        return text.charAt(pos);
    }

    private char next() {
        if (pos >= text.length()) throw new IllegalArgumentException("the JSON text ends in the middle");
        return text.charAt(pos++);
    }

    private void space() {
        while (pos < text.length() && " \t\r\n".indexOf(text.charAt(pos)) >= 0) pos++;
    }
}
