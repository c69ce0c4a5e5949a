package dev.cresset.kernels.ops.scalar;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.tensor.Tensor;
import java.util.Comparator;
import java.util.List;

/** The order in which lists are sorted: numbers, strings, one-element tensors, and sequences of these. */
final class ValueOrder {
    /** A total order: NaN sorts last, so that sorting cannot run astray. */
    static final Comparator<Object> NATURAL = ValueOrder::compare;

    private ValueOrder() {}

    /** Strictly before; false with NaN. */
    static boolean less(Object a, Object b) {
        if (a instanceof Double x && b instanceof Double y) return x < y;
        return compare(a, b) < 0;
    }

    private static int compare(Object a, Object b) {
        return switch (a) {
            case Long x when b instanceof Long y -> Long.compare(x, y);
            case Double x when b instanceof Double y -> x.equals(y) || x.doubleValue() == y ? 0 : Double.compare(x, y);
            case Boolean x when b instanceof Boolean y -> Boolean.compare(x, y);
            case String x when b instanceof String y -> Numbers.compareText(x, y);
            case Tensor x when b instanceof Tensor y -> compare(Numbers.toDouble(x.item()), Numbers.toDouble(y.item()));
            case ScriptTuple x when b instanceof ScriptTuple y -> sequences(x, y);
            case dev.cresset.kernels.value.ScriptList x when b instanceof dev.cresset.kernels.value.ScriptList y -> sequences(x, y);
            case null, default -> throw new ScriptError("cannot sort: only ints, floats, bools, strings, tensors and tuples of these "
                + "have an order; got " + describe(a) + " and " + describe(b));
        };
    }

    private static String describe(Object v) { return v == null ? "None" : v.getClass().getSimpleName(); }

    private static int sequences(List<Object> a, List<Object> b) {
        for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
            int c = compare(a.get(i), b.get(i));
            if (c != 0) return c;
        }
        return Integer.compare(a.size(), b.size());
    }
}
