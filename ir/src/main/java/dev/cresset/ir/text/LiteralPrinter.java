package dev.cresset.ir.text;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.ScriptFunction;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.Type;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Prints attribute values so that they read back exactly: floats always with a point or exponent, strings escaped. */
public final class LiteralPrinter {
    private static final double PLAIN_FROM = 1e-4;
    private static final double PLAIN_BELOW = 1e16;

    private final ValueText values;

    public LiteralPrinter(ValueText values) { this.values = values; }

    /** The text of a value; {@code <ClassName>} for one that neither this printer nor its hook knows. */
    public String print(Object value) {
        return switch (value) {
            case null -> "None";
            case Long _, Integer _ -> value.toString();
            case Double d -> floatText(d);
            case Boolean b -> b ? "True" : "False";
            case String s -> quoted(s);
            case Complex c -> complexText(c);
            case Device d -> quoted(d.toString());
            case Type t -> t.toString();
            case OpaqueText t -> t.text();
            case ScriptFunction f -> quoted(f.qualifiedName());
            case Graph _ -> "<Graph>";
            case List<?> list -> list.stream().map(this::print).collect(Collectors.joining(", ", "[", "]"));
            case Map<?, ?> map -> map.entrySet().stream().map(e -> print(e.getKey()) + ": " + print(e.getValue()))
                .collect(Collectors.joining(", ", "{", "}"));
            default -> values.text(value).orElse("<" + value.getClass().getSimpleName() + ">");
        };
    }

    /** The shortest text that reads back as the same float: {@code 1.}, {@code 0.1}, {@code 1e-05}, {@code inf}. */
    public static String floatText(double d) {
        if (Double.isNaN(d)) return "nan";
        if (Double.isInfinite(d)) return d > 0 ? "inf" : "-inf";
        if (d == 0) return 1 / d < 0 ? "-0." : "0.";
        BigDecimal exact = new BigDecimal(Double.toString(d)).stripTrailingZeros();
        double size = Math.abs(d);
        if (size >= PLAIN_FROM && size < PLAIN_BELOW) {
            String plain = exact.toPlainString();
            return plain.contains(".") ? plain : plain + ".";
        }
        String digits = exact.unscaledValue().abs().toString();
        int exponent = digits.length() - 1 - exact.scale();
        String sign = d < 0 ? "-" : "";
        String fraction = digits.length() == 1 ? "" : "." + digits.substring(1);
        return sign + digits.charAt(0) + fraction + "e" + (exponent < 0 ? "-" : "+") + (Math.abs(exponent) < 10
            ? "0" : "")
            + Math.abs(exponent);
    }

    private static String complexText(Complex c) {
        String im = floatText(c.im());
        return floatText(c.re()) + (im.startsWith("-") ? "" : "+") + im + "j";
    }

    /** A string in double quotes with everything but printable characters escaped. */
    public static String quoted(String s) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : s.toCharArray()) {
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\'' -> out.append("\\'");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                case '\r' -> out.append("\\r");
                case '\u0007' -> out.append("\\a");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '\u000b' -> out.append("\\v");
                default -> {
                    if (c < ' ' || c == 0x7f) out.append(String.format("\\%03o", (int) c));
                    else out.append(c);
                }
            }
        }
        return out.append('"').toString();
    }
}
