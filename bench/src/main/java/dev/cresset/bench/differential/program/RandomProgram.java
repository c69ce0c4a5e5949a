package dev.cresset.bench.differential.program;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A random TorchScript module: what its author drew from a seed, as a tree of statements.
 *
 * @param weights  its tensor attributes by name
 * @param states   those among them that the program may change
 * @param counter  whether it has an attribute {@code count: int}, 0 at first
 * @param special  whether its floating arguments may hold NaN and infinity
 * @param results  how many tensors {@code forward} returns
 */
public record RandomProgram(long seed, List<Parameter> parameters, Map<String, Weight> weights, List<String> states, boolean counter,
                            boolean special, List<Statement> body, int results) {
    /** The same program with another body, and without the weights that it does not use. */
    public RandomProgram withBody(List<Statement> other) {
        RandomProgram changed = new RandomProgram(seed, parameters, weights, states, counter, special, List.copyOf(other), results);
        List<String> words = List.of(changed.text().split("\\W+"));
        Map<String, Weight> used = new LinkedHashMap<>(weights);
        used.keySet().removeIf(name -> !words.contains(name) && !states.contains(name));
        return new RandomProgram(seed, parameters, used, states, counter, special, changed.body, results);
    }

    /** The same program, but for how many tensors it returns. */
    public RandomProgram withResults(int count) { return new RandomProgram(seed, parameters, weights, states, counter, special, body, count); }

    /** The module's class, as an archive holds it. */
    public String source() { return source("forward"); }

    /** @param method what to call the method with the program's statements */
    String source(String method) {
        StringBuilder out = new StringBuilder("class M(Module):\n  __parameters__ = []\n  __buffers__ = [");
        weights.keySet().forEach(name -> out.append('"').append(name).append("\", "));
        out.append("]\n  training : bool\n");
        weights.keySet().forEach(name -> out.append("  ").append(name).append(" : Tensor\n"));
        if (counter) out.append("  count : int\n");
        String result = results == 1 ? "Tensor" : "Tuple[" + String.join(", ", Collections.nCopies(results, "Tensor")) + "]";
        String declared = parameters().stream().map(p -> ",\n    " + p.declaration()).collect(Collectors.joining());
        out.append("  def ").append(method).append("(self: __torch__.M").append(declared).append(") -> ").append(result).append(":\n");
        print(body, "    ", out);
        return out.toString();
    }

    /** The program's own statements, without the class around them. */
    public String text() {
        StringBuilder out = new StringBuilder();
        print(body, "", out);
        return out.toString();
    }

    private static void print(List<Statement> block, String indent, StringBuilder out) {
        if (block.isEmpty()) out.append(indent).append("pass\n");
        for (Statement s : block) {
            out.append(indent);
            switch (s) {
                case Statement.Assign(List<String> targets, Expression value) ->
                    out.append(String.join(", ", targets)).append(targets.size() > 1 ? ", = " : " = ").append(value.text()).append('\n');
                case Statement.Write(String text, _, _) -> out.append(text).append('\n');
                case Statement.Rename(String target, String source) -> out.append(target).append(" = ").append(source).append('\n');
                case Statement.Through(String pair, List<String> targets, List<String> sources) ->
                    out.append(pair).append(" = (").append(String.join(", ", sources)).append(")\n").append(indent).append(String.join(", ", targets))
                        .append(", = ").append(pair).append('\n');
                case Statement.Branch(String condition, List<Statement> then, List<Statement> otherwise) -> {
                    out.append("if ").append(condition).append(":\n");
                    print(then, indent + "  ", out);
                    if (!otherwise.isEmpty()) {
                        out.append(indent).append("else:\n");
                        print(otherwise, indent + "  ", out);
                    }
                }
                case Statement.Loop(String header, _, _, List<Statement> inner) -> {
                    out.append(header).append(":\n");
                    print(inner, indent + "  ", out);
                }
                case Statement.Append(String list, String element) -> out.append("torch.append(").append(list).append(", ").append(element).append(")\n");
                case Statement.Other(String text) -> out.append(text).append('\n');
                case Statement.Return(List<String> values) -> out.append("return ").append(values.size() == 1 ? values.getFirst() : "(" + String.join(", ", values) + ")").append('\n');
            }
        }
    }

    /** How many statements there are, nested ones too. */
    public int size() { return count(body); }

    private static int count(List<Statement> block) {
        return block.stream().mapToInt(s -> switch (s) {
            case Statement.Branch b -> 1 + count(b.then()) + count(b.otherwise());
            case Statement.Loop l -> 1 + count(l.body());
            default -> 1;
        }).sum();
    }
}
