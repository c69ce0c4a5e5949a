package dev.cresset.cli.output;

import dev.cresset.ir.type.EnumMember;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.kernels.value.Text;
import dev.cresset.tensor.Tensor;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;

/** Prints a result for people: containers as an outline, small tensors whole, large ones in a line or two. */
public final class ResultText {
    private static final int WHOLE = 100;
    private static final int SHOWN = 8;

    private final PrintWriter out;

    public ResultText(PrintWriter out) { this.out = out; }

    public void print(Object value) { print("", "", value); }

    private void print(String indent, String label, Object value) {
        String head = indent + label;
        switch (value) {
            case Tensor t -> tensor(indent, head, t);
            case ScriptTuple t when t.fields() != null -> {
                out.println(head + "named tuple of " + t.size());
                for (int i = 0; i < t.size(); i++) print(indent + "  ", t.fields().get(i) + ": ", t.get(i));
            }
            case List<?> l -> list(indent, head, l);
            case Map<?, ?> m -> {
                out.println(head + "dict of " + m.size());
                m.forEach((k, v) -> print(indent + "  ", Text.of(k) + ": ", v));
            }
            case ScriptObject o -> {
                out.println(head + "object of " + o.type().name());
                o.type().attributes().forEach(a -> print(indent + "  ", a.name() + ": ", o.get(a.name())));
            }
            case EnumMember m -> out.println(head + m);
            case null, default -> out.println(head + Text.of(value));
        }
    }

    private void list(String indent, String head, List<?> l) {
        boolean plain = l.stream().noneMatch(v -> v instanceof Tensor || v instanceof List || v instanceof Map
            || v instanceof ScriptObject);
        String kind = l instanceof ScriptTuple ? "tuple" : "list";
        if (plain) {
            out.println(head + kind + " of " + l.size() + ": " + l.stream().limit(WHOLE).map(Text::of).toList()
                + (l.size() > WHOLE ? " …" : ""));
            return;
        }
        out.println(head + kind + " of " + l.size());
        for (int i = 0; i < l.size(); i++) print(indent + "  ", "[" + i + "] ", l.get(i));
    }

    private void tensor(String indent, String head, Tensor t) {
        boolean ordered = !t.dtype().isComplex() && t.numel() > 0;
        out.println(head + TensorSummary.shape(t) + (ordered ? "  " + TensorSummary.of(t) : ""));
        if (t.numel() > WHOLE) out.println(indent + "  " + TensorSummary.first(t, SHOWN));
        else out.println((indent + "  " + Text.of(t)).replace("\n", "\n" + indent + "  "));
    }
}
