package dev.cresset.bench.differential.program;

import java.util.List;

/** A statement of a random program: enough structure to take it apart, and to follow magnitudes and errors through it. */
public sealed interface Statement {
    /** {@code target = value}; with several targets, {@code a, b, = value}. */
    record Assign(List<String> targets, Expression value) implements Statement {}

    /** A statement that writes a tensor in place; {@code value} is what the elements of {@code target} may become. */
    record Write(String text, String target, Expression value) implements Statement {}

    /** {@code target = source}: another name for the same tensor, also of an attribute. */
    record Rename(String target, String source) implements Statement {}

    record Branch(String condition, List<Statement> then, List<Statement> otherwise) implements Statement {}

    /**
     * A loop.
     *
     * @param header {@code for i in range(n)} or {@code while ...}
     * @param trips  how often the body runs; if it may end sooner, how often at most
     */
    record Loop(String header, Dim trips, boolean maySooner, List<Statement> body) implements Statement {}

    /** {@code list.append(element)}; the list is known by the bound of what is in it. */
    record Append(String list, String element) implements Statement {}

    /** A statement about no tensor's elements: a print, an assertion, arithmetic on numbers. */
    record Other(String text) implements Statement {}

    /** Ends the call with these tensors. */
    record Return(List<String> values) implements Statement {}
}
