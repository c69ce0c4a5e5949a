package dev.cresset.ir.type;

import java.util.List;

/** {@code List[T]}. */
public record ListType(Type element) implements Type {
    @Override public String annotation() { return "List[" + element.annotation() + "]"; }

    @Override public List<Type> contained() { return List.of(element); }

    @Override public String toString() { return element + "[]"; }
}
