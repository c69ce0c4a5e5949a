package dev.cresset.kernels.value;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.EnumMember;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.tensor.Tensor;
import java.util.Iterator;
import java.util.Map;

/** Python's {@code ==} and {@code is} among run-time values, as one boolean. */
public final class ValueEquality {
    private ValueEquality() {}

    /**
     * Equality by value. Numbers of different types compare by value; NaN is unequal to itself; tensors must have one
     * element after broadcasting, as {@code bool(a == b)} demands.
     *
     * @throws ScriptError for tensors of more elements
     */
    public static boolean equal(Object a, Object b) {
        if (a == null || b == null) return a == b;
        return switch (a) {
            case Long x when b instanceof Long y -> x.longValue() == y;
            case Boolean x when b instanceof Boolean y -> x.booleanValue() == y;
            case Tensor x when b instanceof Tensor y -> tensors(x, y);
            case Long _, Double _, Boolean _, Complex _ -> numbers(a, b);
            case ScriptList x -> b instanceof ScriptList y && sequences(x, y);
            case ScriptTuple x -> b instanceof ScriptTuple y && sequences(x, y);
            case ScriptDict x -> b instanceof ScriptDict y && dicts(x, y);
            default -> a.equals(b);
        };
    }

    /** {@code a is b}: the same object; for None, numbers and strings, which have no identity, equality. */
    public static boolean same(Object a, Object b) {
        return a == b || switch (a) {
            case null -> false;
            case Long _, Double _, Boolean _, String _, Complex _, EnumMember _, dev.cresset.ir.type.Device _ ->
                b != null && a.getClass() == b.getClass() && equal(a, b);
            default -> false;
        };
    }

    /** Position of the first equal element, or -1. */
    public static int indexOf(ScriptList list, Object element) {
        for (int i = 0; i < list.size(); i++) if (equal(list.get(i), element)) return i;
        return -1;
    }

    private static boolean numbers(Object a, Object b) {
        if (!isNumber(b)) return false;
        if (a instanceof Complex || b instanceof Complex) {
            Complex x = toComplex(a);
            Complex y = toComplex(b);
            return x.re() == y.re() && x.im() == y.im();
        }
        return toComplex(a).re() == toComplex(b).re();
    }

    private static boolean isNumber(Object v) {
        return v instanceof Long || v instanceof Double || v instanceof Boolean || v instanceof Complex;
    }

    private static Complex toComplex(Object v) {
        return switch (v) {
            case Complex c -> c;
            case Boolean b -> new Complex(b ? 1 : 0, 0);
            default -> new Complex(((Number) v).doubleValue(), 0);
        };
    }

    private static boolean sequences(java.util.List<Object> a, java.util.List<Object> b) {
        if (a.size() != b.size()) return false;
        Iterator<Object> other = b.iterator();
        for (Object x : a) if (!sameOrEqual(x, other.next())) return false;
        return true;
    }

    /** Python compares identity first, except that tensors are always compared by value here. */
    private static boolean sameOrEqual(Object a, Object b) {
        return a == b && !(a instanceof Tensor) && !(a instanceof Double) || equal(a, b);
    }

    private static boolean dicts(ScriptDict a, ScriptDict b) {
        if (a.size() != b.size()) return false;
        for (Map.Entry<Object, Object> e : a.entrySet()) {
            if (!b.containsKey(e.getKey()) || !sameOrEqual(e.getValue(), b.get(e.getKey()))) return false;
        }
        return true;
    }

    private static boolean tensors(Tensor a, Tensor b) {
        long elements = 1;
        for (long s : dev.cresset.tensor.Shapes.broadcast(a.sizes(), b.sizes())) elements *= s;
        if (elements == 0) throw new ScriptError("Boolean value of Tensor with no values is ambiguous");
        if (elements > 1) throw new ScriptError("Boolean value of Tensor with more than one value is ambiguous");
        Object x = a.item();
        Object y = b.item();
        // a Python-like comparison happens in the common type: float32 with float64 compares in float64
        if (x instanceof Long && y instanceof Long) return x.equals(y);
        boolean single = ScalarType.promote(a.dtype(), b.dtype()) == ScalarType.FLOAT32;
        return single ? toComplex(x).re() == toComplex(y).re() || (float) toComplex(x).re() == (float) toComplex(y).re()
            : numbers(x, y);
    }
}
