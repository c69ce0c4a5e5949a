package dev.cresset.runtime.call;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.schema.Argument;
import dev.cresset.ir.schema.FunctionSchema;
import dev.cresset.ir.type.DictType;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.OptionalType;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import dev.cresset.ir.type.UnionType;
import dev.cresset.kernels.value.ScriptDict;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.runtime.interpreter.RuntimeTypes;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Binds a caller's Java values to a function's arguments: order, names, defaults, conversion, type check. */
public final class Arguments {
    private Arguments() {}

    /**
     * Values for all arguments of a method after {@code self}.
     *
     * <p>Numbers convert to int and float, arrays and {@link List}s to lists and tuples, {@link Map}s to dicts;
     * {@link ScriptList} and {@link ScriptDict} are passed as they are, so that the caller sees what the program does to them.
     *
     * @throws ScriptError naming the argument if one is missing, unknown, or of another type
     */
    public static Object[] bind(FunctionSchema schema, String method, List<?> positional, Map<String, ?> named) {
        List<Argument> formal = schema.arguments();
        int count = formal.size() - 1;
        if (positional.size() > count) {
            throw new ScriptError(method + "() expected at most " + count + " argument(s) but received " + positional.size()
                + " argument(s). Declaration: " + declaration(schema, method));
        }
        if (!named.isEmpty()) checkNames(schema, method, positional.size(), named);
        Object[] values = new Object[count];
        for (int i = 0; i < count; i++) {
            Argument a = formal.get(i + 1);
            boolean given = i < positional.size() || named.containsKey(a.name());
            if (!given && !a.hasDefault()) {
                throw new ScriptError(method + "() is missing value for argument '" + a.name() + "'. Declaration: " + declaration(schema, method));
            }
            Object value = i < positional.size() ? positional.get(i) : given ? named.get(a.name()) : a.defaultValue();
            values[i] = convert(value, a.type());
            if (!RuntimeTypes.isInstance(values[i], a.type())) {
                throw new ScriptError(method + "() Expected a value of type '" + a.type().annotation() + "' for argument '" + a.name()
                    + "' but instead found type '" + describe(value) + "'. Position: " + i + ". Declaration: " + declaration(schema, method));
            }
        }
        return values;
    }

    private static void checkNames(FunctionSchema schema, String method, int positional, Map<String, ?> named) {
        for (String name : named.keySet()) {
            int at = schema.indexOf(name) - 1;
            if (at < 0) throw new ScriptError("Unknown keyword argument '" + name + "' for operator '" + method + "'. Declaration: " + declaration(schema, method));
            if (at < positional) throw new ScriptError("argument '" + name + "' of " + method + "() is given twice");
        }
    }

    private static String declaration(FunctionSchema schema, String method) {
        return schema.arguments().stream().map(a -> a.type().annotation() + " " + a.name() + (a.hasDefault() ? "=" + a.defaultValue() : ""))
            .collect(Collectors.joining(", ", method + "(", ") -> ")) + schema.returns().stream().map(r -> r.type().annotation())
            .collect(Collectors.joining(", "));
    }

    private static String describe(Object value) {
        return switch (value) {
            case null -> "NoneType";
            case Tensor _ -> "Tensor";
            case Boolean _ -> "bool";
            case Integer _, Long _, Short _, Byte _ -> "int";
            case Float _, Double _ -> "float";
            case String _ -> "str";
            case ScriptTuple _ -> "tuple";
            case List<?> _ -> "list";
            case Map<?, ?> _ -> "dict";
            default -> value.getClass().getSimpleName();
        };
    }

    /** A Java value as a run-time value of a type, or the value itself if it does not convert. */
    static Object convert(Object value, Type type) {
        return switch (value) {
            case Integer v -> convert((long) v, type);
            case Short v -> convert((long) v, type);
            case Byte v -> convert((long) v, type);
            case Float v -> (double) v;
            case Boolean v when type == SimpleType.INT -> v ? 1L : 0L; // as PyTorch takes a Python bool
            case Boolean v when type == SimpleType.FLOAT -> v ? 1.0 : 0.0;
            case Long v when type == SimpleType.FLOAT || type instanceof OptionalType o && o.element() == SimpleType.FLOAT -> (double) v;
            case ScalarType t -> (long) t.code();
            case ScriptList l -> l;
            case ScriptDict d -> d;
            case long[] v -> convert(Arrays.stream(v).boxed().toList(), type);
            case int[] v -> convert(Arrays.stream(v).boxed().toList(), type);
            case double[] v -> convert(Arrays.stream(v).boxed().toList(), type);
            case Object[] v -> convert(Arrays.asList(v), type);
            case List<?> l -> list(l, type);
            case Map<?, ?> m -> map(m, type);
            case null, default -> value;
        };
    }

    private static Object list(List<?> l, Type type) {
        return switch (type) {
            case OptionalType o -> list(l, o.element());
            case UnionType u -> u.members().stream().map(m -> list(l, m)).filter(v -> RuntimeTypes.isInstance(v, type)).findFirst().orElse(l);
            case ListType t -> {
                List<?> items = l.stream().map(v -> convert(v, t.element())).toList();
                boolean fits = items.stream().allMatch(v -> RuntimeTypes.isInstance(v, t.element()));
                yield fits ? new ScriptList(t.element(), items) : l;
            }
            case TupleType t when t.elements().size() == l.size() -> {
                Object[] items = new Object[l.size()];
                for (int i = 0; i < items.length; i++) items[i] = convert(l.get(i), t.elements().get(i));
                yield ScriptTuple.of(t, items);
            }
            case SimpleType s when s == SimpleType.ANY && !(l instanceof ScriptTuple) -> anyList(l);
            default -> l;
        };
    }

    private static Object map(Map<?, ?> m, Type type) {
        return switch (type) {
            case OptionalType o -> map(m, o.element());
            case DictType t -> {
                ScriptDict out = new ScriptDict(t.key(), t.value());
                m.forEach((k, v) -> out.put(convert(k, t.key()), convert(v, t.value())));
                boolean fits = out.entrySet().stream().allMatch(e -> RuntimeTypes.isInstance(e.getKey(), t.key())
                    && RuntimeTypes.isInstance(e.getValue(), t.value()));
                yield fits ? out : m;
            }
            case SimpleType s when s == SimpleType.ANY && !(m instanceof ScriptDict) -> {
                ScriptList keys = anyList(new ArrayList<>(m.keySet()));
                ScriptList values = anyList(new ArrayList<>(m.values()));
                ScriptDict out = new ScriptDict(keys.elementType(), values.elementType());
                for (int i = 0; i < keys.size(); i++) out.put(keys.get(i), values.get(i));
                yield out;
            }
            default -> m;
        };
    }

    /** A list for an argument of type Any: its element type is what its elements have in common. */
    private static ScriptList anyList(List<?> items) {
        List<?> converted = items.stream().map(v -> convert(v, SimpleType.ANY)).toList();
        List<Type> types = converted.stream().map(Arguments::inferred).distinct().toList();
        return new ScriptList(items.isEmpty() ? TensorType.ANY : types.size() == 1 ? types.getFirst() : SimpleType.ANY, converted);
    }

    private static Type inferred(Object value) {
        return switch (value) {
            case Long _ -> SimpleType.INT;
            case Double _ -> SimpleType.FLOAT;
            case Boolean _ -> SimpleType.BOOL;
            case String _ -> SimpleType.STR;
            case Tensor _ -> TensorType.ANY;
            case ScriptTuple t -> TupleType.of(t.stream().map(Arguments::inferred).toList());
            case ScriptList l -> new ListType(l.elementType());
            case ScriptDict d -> new DictType(d.keyType(), d.valueType());
            case null, default -> SimpleType.ANY;
        };
    }
}
