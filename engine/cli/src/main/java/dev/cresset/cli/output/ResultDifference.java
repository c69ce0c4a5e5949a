package dev.cresset.cli.output;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How far the floating-point elements of one result are from those of another.
 *
 * @param largest  difference of an element; infinite where only one of two is finite
 * @param relative the norm of all differences, as a share of the norm of what is expected
 */
public record ResultDifference(double largest, double relative) {
    /** @return null if there are no such elements, or results are not of the same form */
    public static ResultDifference of(Object got, Object expected) {
        List<Tensor> g = floats(got), w = floats(expected);
        boolean sameForm = g.size() == w.size();
        for (int i = 0; sameForm && i < g.size(); i++) sameForm = Arrays.equals(g.get(i).sizes(), w.get(i).sizes());
        if (!sameForm || g.isEmpty()) return null;
        double largest = 0, squares = 0, norm = 0;
        for (int i = 0; i < g.size(); i++) {
            double[] a = g.get(i).toDoubleArray(), b = w.get(i).toDoubleArray();
            for (int k = 0; k < a.length; k++) {
                if (Double.compare(a[k], b[k]) == 0) {
                    if (Double.isFinite(b[k])) norm += b[k] * b[k];
                    continue;
                }
                double d = Math.abs(a[k] - b[k]);
                if (Double.isNaN(d)) d = Double.POSITIVE_INFINITY;
                largest = Math.max(largest, d);
                squares += d * d;
                norm += b[k] * b[k];
            }
        }
        return new ResultDifference(largest, squares == 0 ? 0 : Math.sqrt(squares / norm));
    }

    /** In the order of the result. */
    private static List<Tensor> floats(Object value) {
        List<Tensor> out = new ArrayList<>();
        collect(value, out);
        return out;
    }

    private static void collect(Object value, List<Tensor> into) {
        switch (value) {
            case Tensor t -> { if (t.dtype().isFloating() && t.numel() > 0) into.add(t); }
            case List<?> l -> l.forEach(v -> collect(v, into));
            case Map<?, ?> m -> m.values().forEach(v -> collect(v, into));
            case ScriptObject o -> {
                for (int i = 0; i < o.slotCount(); i++) if (!(o.get(i) instanceof ScriptObject)) collect(o.get(i), into);
            }
            case null, default -> { }
        }
    }

    /** Null stands for what is not finite. */
    public ObjectNode json() { return JsonNodeFactory.instance.objectNode().put("max_abs", finite(largest)).put("relative_to_norm", finite(relative)); }

    private static Double finite(double v) { return Double.isFinite(v) ? v : null; }

    @Override public String toString() { return String.format(Locale.ROOT, "largest %.3g, %.3g of the norm", largest, relative); }
}
