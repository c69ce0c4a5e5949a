package dev.cresset.cli.output;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.EnumMember;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * A result as JSON, each value with its kind as cases have it: {@code {"int": 3}}, {@code {"list": […]}}. A tensor is
 * {@code {"tensor": [elements, row-major], "dtype": "f32", "shape": […]}}; beyond 10,000 elements only the first are
 * there, and {@code "truncated": true} says so.
 */
public final class ResultJson {
    private static final int MAX_ELEMENTS = 10_000;
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private ResultJson() {}

    public static ObjectNode of(Object value) {
        ObjectNode out = JSON.objectNode();
        switch (value) {
            case null -> out.put("none", true);
            case Tensor t -> tensor(t, out);
            case Long v -> out.put("int", v);
            case Double v when Double.isFinite(v) -> out.put("float", v);
            case Double v -> out.put("float", nonFinite(v));
            case Boolean v -> out.put("bool", v);
            case String v -> out.put("str", v);
            case Complex v -> complex(v, out.putArray("complex"));
            case ScriptTuple t -> {
                each(t, out.putArray("tuple"));
                if (t.fields() != null) t.fields().forEach(out.putArray("fields")::add);
            }
            case List<?> l -> each(l, out.putArray("list"));
            case Map<?, ?> m -> {
                ArrayNode entries = out.putArray("dict");
                m.forEach((k, v) -> entries.addArray().add(of(k)).add(of(v)));
            }
            case ScriptObject o -> {
                ObjectNode attributes = out.put("object", o.type().name()).putObject("attributes");
                o.type().attributes().forEach(a -> attributes.set(a.name(), of(o.get(a.name()))));
            }
            case EnumMember m -> out.put("object", m.type().annotation()).put("member", m.name());
            default -> out.put("object", value.toString());
        }
        return out;
    }

    private static void each(List<?> items, ArrayNode into) { items.forEach(v -> into.add(of(v))); }

    private static void tensor(Tensor anywhere, ObjectNode out) {
        Tensor t = anywhere.cpu();
        ArrayNode elements = out.putArray("tensor");
        for (long i = 0; i < Math.min(t.numel(), MAX_ELEMENTS); i++) element(TensorSummary.element(t, i), elements);
        ArrayNode shape = out.put("dtype", t.dtype().shortName()).putArray("shape");
        for (long s : t.sizes()) shape.add(s);
        if (t.numel() > MAX_ELEMENTS) out.put("truncated", true);
    }

    private static void element(Object x, ArrayNode into) {
        switch (x) {
            case Long v -> into.add(v);
            case Boolean v -> into.add(v);
            case Complex v -> complex(v, into.addArray());
            case Double v when Double.isFinite(v) -> into.add(v);
            default -> into.add(nonFinite((Double) x));
        }
    }

    private static void complex(Complex c, ArrayNode into) {
        element(c.re(), into);
        element(c.im(), into);
    }

    private static String nonFinite(double v) { return Double.isNaN(v) ? "nan" : v > 0 ? "inf" : "-inf"; }
}
