package dev.cresset.ir.type;

import java.util.List;

/** {@code Optional[T]}, T not itself optional. Build it with {@link #of}. */
public record OptionalType(Type element) implements Type {
    /** {@code T?}; T itself where it already admits None. */
    public static Type of(Type element) {
        if (element.admitsNone()) return element;
        if (element instanceof UnionType u) {
            List<Type> members = new java.util.ArrayList<>(u.members());
            members.add(SimpleType.NONE);
            return UnionType.of(members);
        }
        return new OptionalType(element);
    }

    @Override public String annotation() { return "Optional[" + element.annotation() + "]"; }

    @Override public List<Type> contained() { return List.of(element); }

    @Override public String toString() { return element + "?"; }
}
