package dev.cresset.ir.text;

import dev.cresset.ir.diag.CressetException;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.DictType;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.OptionalType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads attribute values back. What is no literal (a printed tensor) is kept as {@link OpaqueText}. */
final class LiteralParser {
    private static final String FLOAT = "[+-]?(?:\\d+\\.?\\d*(?:[eE][+-]?\\d+)?|\\.\\d+(?:[eE][+-]?\\d+)?|inf|nan)";
    private static final Pattern COMPLEX = Pattern.compile("(" + FLOAT
        + ")([+-](?:\\d+\\.?\\d*(?:[eE][+-]?\\d+)?|inf|nan))j");
    private static final Pattern REAL = Pattern.compile("(" + FLOAT + ")(?![\\w.])");

    private final IrScanner in;

    LiteralParser(IrScanner in) { this.in = in; }

    /** A value followed by {@code ,} or {@code ]}. */
    Object value() {
        int start = in.at;
        try {
            Object value = literal();
            if (in.looksAt(",") || in.looksAt("]")) return value;
        } catch (CressetException _) {
            // not a literal: taken as text below
        }
        in.at = start;
        return opaque();
    }

    /**
     * Everything up to the end of the attribute list; only a printed tensor or object looks like this, and it
     * stands last.
     */
    private OpaqueText opaque() {
        int end = in.text.indexOf("](", in.at);
        if (end < 0) throw in.error("expected an attribute value");
        String text = in.text.substring(in.at, end);
        in.at = end;
        return new OpaqueText(text.strip());
    }

    private Object literal() {
        char c = in.peek();
        if (c == '"') return string();
        if (c == '[') return sequence("[", "]");
        if (c == '(') return sequence("(", ")");
        if (c == '{') return map();
        if (in.looksAt("None") || in.looksAt("True") || in.looksAt("False")) {
            return switch (in.word()) {
                case "None" -> null;
                case "True" -> true;
                case "False" -> false;
                default -> throw in.error("expected a value");
            };
        }
        return number();
    }

    private Object number() {
        in.skipSpace();
        Matcher complex = COMPLEX.matcher(in.text).region(in.at, in.text.length());
        if (complex.lookingAt()) {
            in.at = complex.end();
            return new Complex(toDouble(complex.group(1)), toDouble(complex.group(2)));
        }
        Matcher real = REAL.matcher(in.text).region(in.at, in.text.length());
        if (!real.lookingAt()) throw in.error("expected a value");
        in.at = real.end();
        String word = real.group(1);
        if (word.matches("[+-]?\\d+")) return Long.parseLong(word);
        return toDouble(word);
    }

    private static double toDouble(String word) {
        return switch (word) {
            case "inf", "+inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            case "nan", "-nan", "+nan" -> Double.NaN;
            default -> Double.parseDouble(word);
        };
    }

    private List<Object> sequence(String open, String close) {
        in.expect(open);
        List<Object> items = new ArrayList<>();
        while (!in.accept(close)) {
            items.add(literal());
            if (!in.looksAt(close)) in.expect(",");
        }
        return Collections.unmodifiableList(items);
    }

    private Map<Object, Object> map() {
        in.expect("{");
        Map<Object, Object> items = new LinkedHashMap<>();
        while (!in.accept("}")) {
            Object key = literal();
            in.expect(":");
            items.put(key, literal());
            if (!in.looksAt("}")) in.expect(",");
        }
        return Collections.unmodifiableMap(items);
    }

    String string() {
        in.expect("\"");
        StringBuilder out = new StringBuilder();
        while (in.at < in.text.length()) {
            char c = in.text.charAt(in.at++);
            if (c == '"') return out.toString();
            if (c == '\\') escape(out);
            else out.append(c);
        }
        throw in.error("a string does not end");
    }

    private void escape(StringBuilder out) {
        char c = in.text.charAt(in.at++);
        switch (c) {
            case 'n' -> out.append('\n');
            case 't' -> out.append('\t');
            case 'r' -> out.append('\r');
            case 'a' -> out.append('\u0007');
            case 'b' -> out.append('\b');
            case 'f' -> out.append('\f');
            case 'v' -> out.append('\u000b');
            default -> {
                String digits = in.text.substring(in.at - 1, Math.min(in.at + 2, in.text.length()));
                if (digits.matches("[0-7]{3}")) {
                    out.append((char) Integer.parseInt(digits, 8));
                    in.at += 2;
                } else {
                    out.append(c);
                }
            }
        }
    }

    /** The value as a constant of this type has it: {@code 1} is True for bool and 1.0 for float. */
    static Object as(Object value, Type type) {
        return switch (type) {
            case OptionalType o -> as(value, o.element());
            case ListType l when value instanceof List<?> items -> each(items, Collections.nCopies(items.size(),
                l.element()));
            case TupleType t when value instanceof List<?> items && items.size() == t.elements().size() ->
                each(items, t.elements());
            case DictType d when value instanceof Map<?, ?> map -> {
                Map<Object, Object> out = new LinkedHashMap<>();
                map.forEach((k, v) -> out.put(as(k, d.key()), as(v, d.value())));
                yield Collections.unmodifiableMap(out);
            }
            case SimpleType s -> simple(value, s);
            default -> value;
        };
    }

    private static List<Object> each(List<?> items, List<Type> types) {
        List<Object> out = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) out.add(as(items.get(i), types.get(i)));
        return Collections.unmodifiableList(out);
    }

    private static Object simple(Object value, SimpleType type) {
        return switch (type) {
            case BOOL -> value instanceof Long l ? (Object) (l != 0) : value;
            case FLOAT -> value instanceof Long l ? (Object) (double) l : value;
            case COMPLEX -> value instanceof Number n ? new Complex(n.doubleValue(), 0) : value;
            case DEVICE -> value instanceof String s ? Device.parse(s) : value;
            default -> value;
        };
    }
}
