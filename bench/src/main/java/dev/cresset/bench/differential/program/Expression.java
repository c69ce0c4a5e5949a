package dev.cresset.bench.differential.program;

import java.util.List;
import java.util.Map;

/**
 * A TorchScript expression whose value is one tensor, or tensors of the same kind.
 *
 * @param text      as it is printed into the program
 * @param arguments the tensor variables and attributes in it that the rule wants to know of
 * @param view      whether the value shares the first argument's memory
 */
public record Expression(String text, List<String> arguments, TensorKind kind, Rule rule, boolean view) {
    /** From the bounds of the arguments to the bound of the value. */
    @FunctionalInterface
    public interface Rule {
        /** @param sizes the call's sizes by name */
        Bound apply(List<Bound> arguments, Map<String, Long> sizes);

        Rule SAME = (a, _) -> a.stream().reduce(Bound.ZERO, Bound::join);
    }

    static Expression view(String text, String of, TensorKind kind) { return new Expression(text, List.of(of), kind, Rule.SAME, true); }

    /** An expression whose elements are elements of its arguments. */
    static Expression copy(String text, List<String> of, TensorKind kind) { return new Expression(text, of, kind, Rule.SAME, false); }

    static Expression computed(String text, List<String> of, TensorKind kind, Rule rule) { return new Expression(text, of, kind, rule, false); }
}
