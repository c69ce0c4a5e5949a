package dev.cresset.ir.graph;

import dev.cresset.ir.type.Type;

/** One SSA value: defined once, by a node or as a block parameter. Compared by identity; another type needs another value. */
public final class Value {
    private final Type type;
    private final String hint;

    /** @param hint the variable's name in the source, for printing; empty for none */
    public Value(Type type, String hint) {
        this.type = java.util.Objects.requireNonNull(type);
        this.hint = hint;
    }

    public Value(Type type) { this(type, ""); }

    public Type type() { return type; }

    public String hint() { return hint; }

    @Override public String toString() { return "%" + (hint.isEmpty() ? "_" : hint) + " : " + type; }
}
