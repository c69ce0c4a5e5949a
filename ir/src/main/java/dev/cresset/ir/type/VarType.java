package dev.cresset.ir.type;

/** A type variable of an operator schema, {@code t} in {@code aten::len.t(t[] a) -> int}. */
public record VarType(String name) implements Type {
    @Override public String annotation() { return name; }

    @Override public String toString() { return name; }
}
