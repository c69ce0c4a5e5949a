package dev.cresset.ir.type;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** {@code Union[A, B, …]} of at least two types, none a subtype of another, in printing order. Build it with {@link #of}. */
public record UnionType(List<Type> members) implements Type {
    public UnionType { members = List.copyOf(members); }

    /** The simplest type that has all values of these: flattened, without duplicates; may be Optional or no union at all. */
    public static Type of(List<? extends Type> parts) {
        List<Type> flat = new ArrayList<>();
        for (Type part : parts) {
            switch (part) {
                case UnionType u -> flat.addAll(u.members);
                case OptionalType o -> {
                    flat.add(o.element());
                    flat.add(SimpleType.NONE);
                }
                default -> flat.add(part);
            }
        }
        List<Type> kept = new ArrayList<>();
        for (Type t : flat) {
            if (kept.stream().anyMatch(t::isSubtypeOf)) continue;
            kept.removeIf(k -> k.isSubtypeOf(t));
            kept.add(t);
        }
        if (kept.size() == 1) return kept.getFirst();
        if (kept.size() == 2 && kept.contains(SimpleType.NONE)) {
            return new OptionalType(kept.get(0) == SimpleType.NONE ? kept.get(1) : kept.get(0));
        }
        kept.sort(Comparator.comparing(Type::annotation));
        return new UnionType(kept);
    }

    @Override public List<Type> contained() { return members; }

    @Override public String annotation() {
        return members.stream().map(Type::annotation).collect(Collectors.joining(", ", "Union[", "]"));
    }

    @Override public String toString() {
        return members.stream().map(Type::toString).collect(Collectors.joining(", ", "Union(", ")"));
    }
}
