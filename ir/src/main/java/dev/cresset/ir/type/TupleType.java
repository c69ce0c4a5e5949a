package dev.cresset.ir.type;

import java.util.List;
import java.util.stream.Collectors;

/**
 * {@code Tuple[A, B]}, or a NamedTuple.
 *
 * @param name   qualified name of a NamedTuple, null for a plain tuple
 * @param fields field names of a NamedTuple, null for a plain tuple
 */
public record TupleType(List<Type> elements, String name, List<String> fields) implements Type {
    public TupleType {
        elements = List.copyOf(elements);
        fields = fields == null ? null : List.copyOf(fields);
        if (fields != null && fields.size() != elements.size()) {
            throw new IllegalArgumentException("NamedTuple " + name + " has " + fields.size() + " names for "
                + elements.size() + " fields");
        }
    }

    public static TupleType of(List<Type> elements) { return new TupleType(elements, null, null); }

    public boolean isNamed() { return fields != null; }

    @Override public List<Type> contained() { return elements; }

    @Override public String annotation() {
        if (name != null) return name;
        return elements.isEmpty() ? "Tuple[()]"
            : elements.stream().map(Type::annotation).collect(Collectors.joining(", ", "Tuple[", "]"));
    }

    @Override public String toString() {
        if (fields == null) return elements.stream().map(Type::toString).collect(Collectors.joining(", ", "(", ")"));
        StringBuilder out = new StringBuilder("NamedTuple(");
        for (int i = 0; i < fields.size(); i++) {
            out.append(i > 0 ? ", " : "").append(fields.get(i)).append(" : ").append(elements.get(i));
        }
        return out.append(")").toString();
    }
}
