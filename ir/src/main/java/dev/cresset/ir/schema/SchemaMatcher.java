package dev.cresset.ir.schema;

import dev.cresset.ir.type.ClassType;
import dev.cresset.ir.type.InterfaceType;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.OptionalType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import dev.cresset.ir.type.UnionType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Matches the arguments of a call with a schema: which argument goes where, and how it is converted. Pure; the caller
 * emits the conversions of the match it takes.
 */
public final class SchemaMatcher {
    /** An argument of a call. */
    public interface Actual {
        Type type();

        /** True for the literal {@code []}, which becomes a list of any type. */
        boolean isEmptyList();
    }

    /** What a formal argument receives. */
    public sealed interface Binding {
        record Given(Actual actual, Conversion conversion) implements Binding {}

        record Default(Argument formal) implements Binding {}

        /** All remaining positional arguments as one list: {@code x.view(2, -1)}. */
        record Collected(List<Given> items, ListType type) implements Binding {}
    }

    /** The outcome of matching one schema. */
    public sealed interface Result permits Match, Mismatch {}

    /**
     * @param rest      arguments beyond the formals, of a schema with {@code ...}
     * @param returns   return types with type variables replaced
     * @param looseness number of arguments whose type is only a subtype of a general one (int for Scalar)
     */
    public record Match(FunctionSchema schema, List<Binding> bindings, List<Actual> rest, List<Type> returns,
            int looseness)
            implements Result {}

    public record Mismatch(Supplier<String> reason) implements Result {}

    private final FunctionSchema schema;
    private final Actual self;
    private final List<? extends Actual> positional;
    private final Map<String, ? extends Actual> named;
    private final boolean conversions;
    private final TypeVariables variables = new TypeVariables();
    private int looseness;

    private SchemaMatcher(FunctionSchema schema, Actual self, List<? extends Actual> positional,
            Map<String, ? extends Actual> named, boolean conversions) {
        this.schema = schema;
        this.self = self;
        this.positional = positional;
        this.named = named;
        this.conversions = conversions;
    }

    /**
     * Matches a call with one schema.
     *
     * @param self        the receiver of {@code x.relu()}, which takes the argument named self; null for none
     * @param conversions whether tensors may become numbers, and further positional arguments a list
     */
    public static Result match(FunctionSchema schema, Actual self, List<? extends Actual> positional,
            Map<String, ? extends Actual> named, boolean conversions) {
        return new SchemaMatcher(schema, self, positional, named, conversions).run();
    }

    private Result run() {
        if (tooManyPositional()) {
            return miss(() -> "Expected at most " + schema.arguments().size() + " arguments but found "
                + (positional.size() + (self == null ? 0 : 1)) + " positional arguments.");
        }
        List<Binding> bindings = new ArrayList<>(schema.arguments().size());
        Set<String> usedNames = new HashSet<>();
        boolean selfUsed = self == null;
        int next = 0;
        for (int i = 0; i < schema.arguments().size(); i++) {
            Argument formal = schema.arguments().get(i);
            Actual actual;
            if (!selfUsed && formal.name().equals("self")) {
                actual = self;
                selfUsed = true;
            } else if (next < positional.size() && !formal.keywordOnly()) {
                if (conversions && collects(i, formal, positional.get(next))) {
                    Optional<Binding> list = collect(formal, positional.subList(next, positional.size()));
                    if (list.isEmpty()) return wrongType(formal, positional.get(next));
                    bindings.add(list.get());
                    next = positional.size();
                    continue;
                }
                actual = positional.get(next++);
            } else {
                String name = nameOf(formal);
                if (name == null) {
                    if (!formal.hasDefault()) return miss(() -> "Argument " + formal.name() + " not provided.");
                    bindings.add(new Binding.Default(formal));
                    continue;
                }
                usedNames.add(name);
                actual = named.get(name);
            }
            Optional<Conversion> conversion = bind(formal, actual);
            if (conversion.isEmpty()) return wrongType(formal, actual);
            bindings.add(new Binding.Given(actual, conversion.get()));
        }
        if (!selfUsed) return miss(() -> "Provided self argument not used in schema.");
        List<Actual> rest = List.of();
        if (next < positional.size()) {
            if (!schema.varargs()) {
                return miss(() -> "Expected at most " + schema.arguments().size() + " arguments but found "
                    + (positional.size() + (self == null ? 0 : 1)) + " positional arguments.");
            }
            rest = List.copyOf(positional.subList(next, positional.size()));
        }
        for (String name : named.keySet()) {
            if (!usedNames.contains(name)) {
                return miss(() -> schema.indexOf(name) < 0 ? "Unknown keyword argument '" + name + "'."
                    : "Argument '" + name + "' specified twice.");
            }
        }
        List<Type> returns = new ArrayList<>(schema.returns().size());
        for (Argument r : schema.returns()) returns.add(variables.substitute(r.type()));
        return new Match(schema, bindings, rest, returns, looseness);
    }

    /** A cheap test first: most overloads differ in the number of arguments. */
    private boolean tooManyPositional() {
        if (schema.varargs() || positional.size() + (self == null ? 0 : 1) <= schema.arguments().size()) return false;
        if (!conversions) return true;
        return schema.arguments().stream().noneMatch(a -> listOf(a.type()) != null);
    }

    private String nameOf(Argument formal) {
        if (named.containsKey(formal.name())) return formal.name();
        if (formal.name().equals("self") && schema.name().startsWith("aten::")
            && named.containsKey("input")) return "input";
        return null;
    }

    private Mismatch wrongType(Argument formal, Actual actual) {
        return miss(() -> "Expected a value of type '" + formal.type().annotation() + "' for argument '" + formal.name()
            + "' but instead found type '" + actual.type().annotation() + "'.");
    }

    private static Mismatch miss(Supplier<String> reason) { return new Mismatch(reason); }

    private static ListType listOf(Type type) {
        if (type instanceof OptionalType o) return listOf(o.element());
        return type instanceof ListType l ? l : null;
    }

    private boolean collects(int i, Argument formal, Actual actual) {
        boolean last = i + 1 == schema.arguments().size() || schema.arguments().get(i + 1).keywordOnly();
        ListType list = listOf(formal.type());
        if (!last || list == null || formal.fixedLength() > 0 || TypeVariables.occurIn(list)) return false;
        if (actual.type() instanceof ListType || actual.type() == SimpleType.UNKNOWN) return false;
        if (actual.type() == SimpleType.NONE && formal.type() instanceof OptionalType) return false;
        if (actual.type() instanceof OptionalType o && o.element() instanceof ListType) return false;
        return !(actual.type() instanceof TupleType t && tupleToList(t, list, false).isPresent());
    }

    private Optional<Binding> collect(Argument formal, List<? extends Actual> rest) {
        ListType list = listOf(formal.type());
        List<Binding.Given> items = new ArrayList<>();
        for (Actual a : rest) {
            Optional<Conversion> c = convert(a.type(), a.isEmptyList(), list.element(), true);
            if (c.isEmpty()) return Optional.empty();
            items.add(new Binding.Given(a, c.get()));
        }
        return Optional.of(new Binding.Collected(items, list));
    }

    private Optional<Conversion> bind(Argument formal, Actual actual) {
        Type type = actual.type();
        ListType list = formal.fixedLength() > 0 ? listOf(formal.type()) : null;
        if (list != null && type.equals(list.element()) && (type == SimpleType.INT || type == SimpleType.FLOAT)) {
            looseness++;
            return Optional.of(new Conversion.Repeat(formal.fixedLength(), list));
        }
        Type wanted = formal.type();
        if (TypeVariables.occurIn(wanted)) {
            wanted = variables.bind(wanted, type, actual.isEmptyList());
            if (wanted == null) return Optional.empty();
            looseness++;
        } else if (isGeneral(wanted) && !type.equals(wanted)) {
            looseness++;
        }
        return convert(type, actual.isEmptyList(), wanted, conversions);
    }

    private static boolean isGeneral(Type type) {
        if (type instanceof OptionalType o) return isGeneral(o.element());
        return type == SimpleType.NUMBER || type == SimpleType.ANY;
    }

    /**
     * How a value of one type becomes one of another; empty if it does not.
     *
     * @param conversions whether tensors may become numbers and texts devices
     */
    public static Optional<Conversion> convert(Type type, boolean emptyList, Type wanted, boolean conversions) {
        if (emptyList && listOf(wanted) != null) return Optional.of(new Conversion.EmptyList(listOf(wanted)));
        if (type.isSubtypeOf(wanted)) return Optional.of(Conversion.NONE);
        if (wanted instanceof OptionalType o && !(type instanceof OptionalType)) {
            return convert(type, emptyList, o.element(), conversions);
        }
        if (wanted instanceof UnionType u) {
            return u.members().stream().map(m ->
                convert(type, emptyList, m, false)).flatMap(Optional::stream).findFirst();
        }
        if (type instanceof TupleType t && wanted instanceof ListType l) return tupleToList(t, l, conversions);
        if (type instanceof TupleType t && wanted instanceof TupleType w) return tupleToTuple(t, w, conversions);
        if (type == SimpleType.ANY_CLASS && (wanted instanceof ClassType || wanted instanceof InterfaceType)) {
            return Optional.of(new Conversion.Recast(wanted));
        }
        if (type instanceof ListType a && a.element() instanceof ClassType && wanted instanceof ListType w
            && w.element() == SimpleType.ANY_CLASS) {
            return Optional.of(Conversion.NONE); // CellParamsBase[]: schemas do not tell such classes apart
        }
        return conversions ? implicit(type, wanted) : Optional.empty();
    }

    private static Optional<Conversion> implicit(Type type, Type wanted) {
        if (!(wanted instanceof SimpleType s)) return Optional.empty();
        if (type instanceof TensorType) {
            return switch (s) {
                case INT -> call("aten::IntImplicit", s);
                case FLOAT -> call("aten::FloatImplicit", s);
                case COMPLEX -> call("aten::ComplexImplicit", s);
                case NUMBER -> call("aten::ScalarImplicit", s);
                default -> Optional.empty();
            };
        }
        if (type == SimpleType.NUMBER) {
            return switch (s) {
                case INT -> call("aten::Int", s);
                case FLOAT -> call("aten::Float", s);
                case COMPLEX -> call("aten::Complex", s);
                default -> Optional.empty();
            };
        }
        return type == SimpleType.STR && s == SimpleType.DEVICE ? call("aten::device", s) : Optional.empty();
    }

    private static Optional<Conversion> call(String operator, Type type) {
        return Optional.of(new Conversion.Call(operator, type));
    }

    private static Optional<Conversion> tupleToList(TupleType tuple, ListType list, boolean conversions) {
        List<Conversion> items = new ArrayList<>();
        for (Type e : tuple.elements()) {
            Optional<Conversion> c = convert(e, false, list.element(), conversions);
            if (c.isEmpty()) return Optional.empty();
            items.add(c.get());
        }
        return Optional.of(new Conversion.TupleToList(items, list));
    }

    private static Optional<Conversion> tupleToTuple(TupleType tuple, TupleType wanted, boolean conversions) {
        if (tuple.elements().size() != wanted.elements().size()) return Optional.empty();
        List<Conversion> items = new ArrayList<>();
        for (int i = 0; i < tuple.elements().size(); i++) {
            Optional<Conversion> c = convert(tuple.elements().get(i), false, wanted.elements().get(i), conversions);
            if (c.isEmpty()) return Optional.empty();
            items.add(c.get());
        }
        return Optional.of(new Conversion.TupleToTuple(items, wanted));
    }
}
