package dev.cresset.kernels.value;

import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.EnumMember;
import dev.cresset.tensor.Tensor;
import java.util.Map;

/** {@code str} of any run-time value, character for character as PyTorch's TorchScript prints it. */
public final class Text {
    private Text() {}

    /** What {@code print} and {@code str} show; strings inside containers are not quoted. */
    public static String of(Object value) {
        return switch (value) {
            case null -> "None";
            case String s -> s;
            case Boolean b -> b ? "True" : "False";
            case Double d -> ofFloat(d);
            case Complex c -> ofComplex(c);
            case Tensor t -> TensorText.of(t);
            case ScriptList l -> sequence(l, "[", "]");
            case ScriptTuple t -> sequence(t, "(", t.size() == 1 ? ",)" : ")");
            case ScriptDict d -> dict(d);
            case EnumMember e -> "Enum<" + e.type().name().substring(e.type().name().lastIndexOf('.') + 1) + "." + e.name() + ">";
            default -> value.toString();
        };
    }

    /** A float: {@code 3.} if it is a whole number in the range of int64, else 17 significant digits. */
    public static String ofFloat(double d) {
        if (Math.abs(d) < 0x1p63 && d == Math.rint(d)) {
            return (d == 0 && 1 / d < 0 ? "-" : "") + (long) d + ".";
        }
        return FloatText.general(d, 17);
    }

    private static String ofComplex(Complex c) {
        String imaginary = ofFloat(c.im());
        return ofFloat(c.re()) + (imaginary.startsWith("-") ? "" : "+") + imaginary + "j";
    }

    private static String sequence(Iterable<?> items, String open, String close) {
        StringBuilder out = new StringBuilder(open);
        boolean first = true;
        for (Object item : items) {
            if (!first) out.append(", ");
            out.append(of(item));
            first = false;
        }
        return out.append(close).toString();
    }

    private static String dict(ScriptDict d) {
        StringBuilder out = new StringBuilder("{");
        for (Map.Entry<Object, Object> e : d.entrySet()) {
            if (out.length() > 1) out.append(", ");
            out.append(of(e.getKey())).append(": ").append(of(e.getValue()));
        }
        return out.append('}').toString();
    }
}
