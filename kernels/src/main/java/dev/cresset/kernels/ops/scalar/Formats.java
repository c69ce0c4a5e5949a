package dev.cresset.kernels.ops.scalar;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.value.FloatText;
import dev.cresset.kernels.value.ScriptDict;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.kernels.value.Text;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** {@code "…".format(…)} and {@code "…" % …}, with the few forms that TorchScript knows. */
final class Formats {
    private Formats() {}

    /** Fills each {@code {}}; other braces stay as they are, further arguments are ignored. */
    static Object format(Args a) {
        String text = a.str(0);
        StringBuilder out = new StringBuilder();
        int from = 0;
        int next = 1;
        for (int at = text.indexOf("{}"); at >= 0; at = text.indexOf("{}", from)) {
            if (next >= a.size()) throw new ScriptError("Too few arguments for format string: " + text);
            out.append(text, from, at).append(Text.of(a.get(next++)));
            from = at + 2;
        }
        return out.append(text, from, text.length()).toString();
    }

    static Object percent(Args a) {
        String text = a.str(0);
        List<?> values = a.size() == 2 && a.get(1) instanceof ScriptTuple several ? several : arguments(a);
        StringBuilder out = new StringBuilder();
        int next = 0;
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) != '%') {
                out.append(text.charAt(i));
                continue;
            }
            if (++i == text.length()) throw new ScriptError("Incomplete format specifier");
            if (text.charAt(i) == '%') {
                out.append('%');
                continue;
            }
            if (next >= values.size()) throw new ScriptError("Too few arguments for format string");
            out.append(one(text.charAt(i), values.get(next++)));
        }
        if (next < values.size()) throw new ScriptError("Too many arguments for format string");
        return out.toString();
    }

    private static List<Object> arguments(Args a) {
        List<Object> out = new ArrayList<>();
        for (int i = 1; i < a.size(); i++) out.add(a.get(i));
        return out;
    }

    private static String one(char key, Object value) {
        return switch (key) {
            case 'd', 'i' -> Long.toString(number(key, value) instanceof Double d ? Numbers.truncate(d) : Numbers.toLong(value));
            case 'e', 'E' -> cased(key, FloatText.scientific(Numbers.toDouble(number(key, value)), 6));
            case 'f', 'F' -> cased(key, FloatText.fixed(Numbers.toDouble(number(key, value)), 6));
            case 'c' -> character(value);
            case 's' -> Text.of(value);
            default -> throw new ScriptError("The specifier %" + key + " is not supported in TorchScript format strings");
        };
    }

    private static String cased(char key, String text) {
        return Character.isUpperCase(key) ? text.toUpperCase(Locale.ROOT) : text;
    }

    private static Object number(char key, Object value) {
        if (value instanceof Long || value instanceof Double || value instanceof Boolean) return value;
        throw new ScriptError("%" + key + " requires a number for formatting, but got " + kind(value));
    }

    private static String character(Object value) {
        if (value instanceof Long code) return Character.toString(code.intValue());
        if (value instanceof String s && Strings.length(s) == 1) return s;
        throw new ScriptError("%c requires an int or char for formatting, but got " + kind(value));
    }

    /** PyTorch's name for the kind of a value. */
    private static String kind(Object value) {
        return switch (value) {
            case null -> "None";
            case Boolean _ -> "Bool";
            case Long _ -> "Int";
            case Double _ -> "Double";
            case Tensor _ -> "Tensor";
            case ScriptTuple _ -> "Tuple";
            case ScriptDict _ -> "GenericDict";
            case ScriptList _ -> "GenericList";
            default -> value instanceof String ? "String" : value.getClass().getSimpleName();
        };
    }
}
