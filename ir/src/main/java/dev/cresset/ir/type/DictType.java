package dev.cresset.ir.type;

import java.util.List;

/** {@code Dict[K, V]}. */
public record DictType(Type key, Type value) implements Type {
    @Override public String annotation() { return "Dict[" + key.annotation() + ", " + value.annotation() + "]"; }

    @Override public List<Type> contained() { return List.of(key, value); }

    @Override public String toString() { return "Dict(" + key + ", " + value + ")"; }
}
