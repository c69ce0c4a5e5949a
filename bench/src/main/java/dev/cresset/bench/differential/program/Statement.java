package dev.cresset.bench.differential.program;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A statement of a random program: enough structure to take it apart, and to follow magnitudes and errors through it. */
public sealed interface Statement {
    /** {@code target = value}; with several targets, {@code a, b, = value}. */
    record Assign(List<String> targets, Expression value) implements Statement {}

    /** A statement that writes a tensor in place; {@code value} is what the elements of {@code target} may become. */
    record Write(String text, String target, Expression value) implements Statement {}

    /** {@code target = source}: another name for the same tensor, also of an attribute. */
    record Rename(String target, String source) implements Statement {}

    /** {@code pair = (a, b)}, and then {@code c, d, = pair}: other names, by way of a tuple. */
    record Through(String pair, List<String> targets, List<String> sources) implements Statement {}

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

    /** This statement under other names: {@code from} becomes {@code to} wherever it occurs. */
    default Statement renamed(String from, String to) {
        UnaryOperator<String> name = s -> s.equals(from) ? to : s;
        UnaryOperator<String> text = s -> s.replaceAll("(?<![\\w.])" + Pattern.quote(from) + "(?!\\w)", Matcher.quoteReplacement(to));
        UnaryOperator<List<String>> names = all -> all.stream().map(name).toList();
        UnaryOperator<List<Statement>> block = all -> all.stream().map(s -> s.renamed(from, to)).toList();
        UnaryOperator<Expression> value = e -> new Expression(text.apply(e.text()), names.apply(e.arguments()), e.kind(), e.rule(), e.view());
        return switch (this) {
            case Assign a -> new Assign(names.apply(a.targets()), value.apply(a.value()));
            case Write w -> new Write(text.apply(w.text()), name.apply(w.target()), value.apply(w.value()));
            case Rename r -> new Rename(name.apply(r.target()), name.apply(r.source()));
            case Through t -> new Through(t.pair(), names.apply(t.targets()), names.apply(t.sources()));
            case Branch b -> new Branch(text.apply(b.condition()), block.apply(b.then()), block.apply(b.otherwise()));
            case Loop l -> new Loop(text.apply(l.header()), l.trips(), l.maySooner(), block.apply(l.body()));
            case Append a -> new Append(name.apply(a.list()), name.apply(a.element()));
            case Other o -> new Other(text.apply(o.text()));
            case Return r -> new Return(names.apply(r.values()));
        };
    }
}
