package dev.cresset.cli.input;

import dev.cresset.ir.schema.Argument;
import dev.cresset.ir.schema.FunctionSchema;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.DictType;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.OptionalType;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes values of the command line fit what a method declares: a number or a list of numbers becomes a tensor where a
 * tensor is declared, a tensor of one element a number, a word a string. What does not fit is left to the call to
 * refuse.
 */
public final class ArgumentFitter {
    private ArgumentFitter() {}

    /** @param values positional arguments, without {@code self} */
    public static List<Object> fit(List<Object> values, FunctionSchema schema) {
        List<Argument> formal = schema.arguments();
        List<Object> out = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            out.add(fit(values.get(i), i + 1 < formal.size() ? formal.get(i + 1).type() : SimpleType.ANY));
        }
        return out;
    }

    /** Arguments by name. */
    public static Map<String, Object> fit(Map<String, Object> values, FunctionSchema schema) {
        Map<String, Object> out = new LinkedHashMap<>();
        values.forEach((name, value) -> {
            int at = schema.indexOf(name);
            out.put(name, fit(value, at < 0 ? SimpleType.ANY : schema.arguments().get(at).type()));
        });
        return out;
    }

    static Object fit(Object value, Type type) {
        return switch (value) {
            case Atom a -> word(a, type);
            case Tensor t when isNumber(type) && t.numel() == 1 -> number(t.item(), type);
            case ScriptTuple t -> new ScriptTuple(t.fields(), each(t, type).toArray());
            case List<?> l when isTensor(type) -> tensor(l);
            case List<?> l -> each(l, type);
            case Map<?, ?> m -> dict(m, type);
            case Number n when isTensor(type) -> tensor(List.of(n), new long[0]);
            case null, default -> value;
        };
    }

    private static Object word(Atom a, Type type) {
        Type declared = type instanceof OptionalType o ? o.element() : type;
        if (a.value() == null && type.admitsNone()) return null;
        if (declared == SimpleType.STR) return a.text();
        if (declared == SimpleType.DEVICE) return Device.parse(a.text());
        boolean isNumber = a.value() instanceof Number || a.value() instanceof Boolean || a.value() instanceof Complex;
        return isTensor(declared) && isNumber ? tensor(List.of(a.value()), new long[0]) : a.value();
    }

    private static boolean isTensor(Type type) {
        return type instanceof TensorType || type instanceof OptionalType o && o.element() instanceof TensorType;
    }

    private static boolean isNumber(Type type) {
        Type t = type instanceof OptionalType o ? o.element() : type;
        return t == SimpleType.INT || t == SimpleType.FLOAT || t == SimpleType.BOOL || t == SimpleType.COMPLEX;
    }

    private static Object number(Object item, Type type) {
        Type t = type instanceof OptionalType o ? o.element() : type;
        return t == SimpleType.FLOAT && item instanceof Long l ? (Object) (double) l : item;
    }

    private static List<Object> each(List<?> items, Type type) {
        Type declared = type instanceof OptionalType o ? o.element() : type;
        List<Object> out = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            out.add(fit(items.get(i), elementType(declared, i)));
        }
        return out;
    }

    private static Type elementType(Type declared, int at) {
        return switch (declared) {
            case ListType l -> l.element();
            case TupleType t when at < t.elements().size() -> t.elements().get(at);
            default -> SimpleType.ANY;
        };
    }

    private static Map<Object, Object> dict(Map<?, ?> items, Type type) {
        Type declared = type instanceof OptionalType o ? o.element() : type;
        Type key = declared instanceof DictType d ? d.key() : SimpleType.ANY;
        Type value = declared instanceof DictType d ? d.value() : SimpleType.ANY;
        Map<Object, Object> out = new LinkedHashMap<>();
        items.forEach((k, v) -> out.put(fit(k, key), fit(v, value)));
        return out;
    }

    /** Nested lists of numbers as a tensor, of the type {@code torch.tensor} would choose. */
    private static Tensor tensor(List<?> nested) {
        List<Long> shape = new ArrayList<>();
        for (Object level = nested; level instanceof List<?> l; level = l.isEmpty() ? null
            : l.getFirst()) shape.add((long) l.size());
        List<Object> flat = new ArrayList<>();
        flatten(nested, shape, 0, flat);
        return tensor(flat, shape.stream().mapToLong(Long::longValue).toArray());
    }

    private static void flatten(List<?> items, List<Long> shape, int depth, List<Object> out) {
        if (items.size() != shape.get(depth)) throw new IllegalArgumentException("a tensor cannot be made of lists "
            + "of different lengths");
        for (Object item : items) {
            Object value = item instanceof Atom a ? a.value() : item;
            if (value instanceof List<?> l && depth + 1 < shape.size()) {
                flatten(l, shape, depth + 1, out);
            } else if (depth + 1 == shape.size() && (value instanceof Number || value instanceof Boolean
                || value instanceof Complex)) {
                out.add(value);
            } else {
                throw new IllegalArgumentException("a tensor is made of equally nested lists of numbers; '"
                    + (item instanceof Atom a ? a.text() : item) + "' does not fit");
            }
        }
    }

    private static Tensor tensor(List<?> elements, long[] shape) {
        ScalarType type = elements.stream().map(ArgumentFitter::typeOf).reduce(ScalarType::promote)
            .orElse(ScalarType.FLOAT32);
        Tensor t = Tensor.zeros(type, shape);
        for (int i = 0; i < elements.size(); i++) Elements.set(t.data(), type, i, converted(elements.get(i), type));
        return t;
    }

    private static ScalarType typeOf(Object number) {
        return switch (number) {
            case Boolean _ -> ScalarType.BOOL;
            case Long _ -> ScalarType.INT64;
            case Complex _ -> ScalarType.COMPLEX64;
            default -> ScalarType.FLOAT32;
        };
    }

    private static Object converted(Object number, ScalarType type) {
        if (number instanceof Complex || type == ScalarType.BOOL) return number;
        double d = number instanceof Boolean b ? b ? 1 : 0 : ((Number) number).doubleValue();
        if (type.isComplex()) return new Complex(d, 0);
        return type.isFloating() ? (Object) d : number instanceof Long l ? l : (Object) (long) d;
    }
}
