package dev.cresset.ir.type;

import dev.cresset.ir.graph.ScriptFunction;

/** The type of a function used as a value; there is one such type for each function. */
public record FunctionType(ScriptFunction function) implements Type {
    @Override public String annotation() { return "Function"; }

    @Override public String toString() { return "Function"; }
}
