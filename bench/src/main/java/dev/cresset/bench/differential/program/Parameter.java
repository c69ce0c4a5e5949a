package dev.cresset.bench.differential.program;

/**
 * A parameter of a random program's {@code forward}.
 *
 * @param kind  of the tensor or tensors, null for numbers
 * @param range no element that a call passes is larger
 * @param written whether the program writes it in place
 */
public record Parameter(String name, Form form, TensorKind kind, double range, boolean written) {
    /** What may be passed. An integer is also a size, by its name. */
    public enum Form { TENSOR, OPTIONAL, INT, FLOAT, BOOL }

    Parameter(String name, Form form) { this(name, form, null, 1, false); }

    String declaration() {
        return switch (form) {
            case TENSOR -> name + ": Tensor";
            case OPTIONAL -> name + ": Optional[Tensor]";
            case INT -> name + ": int";
            case FLOAT -> name + ": float";
            case BOOL -> name + ": bool";
        };
    }
}
