package dev.cresset.ir.text;

/** A value of which only the printed form is known: a tensor or an object in a graph that was read from text. */
public record OpaqueText(String text) {
    @Override public String toString() { return text; }
}
