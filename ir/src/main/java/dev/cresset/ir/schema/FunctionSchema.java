package dev.cresset.ir.schema;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A signature, {@code aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor}.
 *
 * @param name     qualified name without overload, {@code aten::add}; for script functions the function's own name
 * @param overload {@code Tensor}, or empty
 * @param varargs  true if any further arguments are accepted ({@code ...})
 */
public record FunctionSchema(String name, String overload, List<Argument> arguments, List<Argument> returns, boolean varargs) {
    public FunctionSchema {
        arguments = List.copyOf(arguments);
        returns = List.copyOf(returns);
    }

    /** Parses a schema. @throws IllegalArgumentException naming the place if the text is no schema */
    public static FunctionSchema parse(String text) { return new SchemaParser(text).parse(); }

    /** {@code aten::add.Tensor}: the key of an operator. */
    public String qualifiedName() { return overload.isEmpty() ? name : name + "." + overload; }

    /** Position of the argument with this name, or -1. */
    public int indexOf(String argument) {
        for (int i = 0; i < arguments.size(); i++) if (arguments.get(i).name().equals(argument)) return i;
        return -1;
    }

    /** True if some argument is written: an in-place or {@code out=} operator. */
    public boolean mutates() { return arguments.stream().anyMatch(Argument::isWritten); }

    /** True if a return shares memory with an argument or with what is not known. */
    public boolean hasAliasedReturn() { return returns.stream().anyMatch(r -> r.alias() != null); }

    @Override public String toString() {
        StringBuilder out = new StringBuilder(qualifiedName()).append('(');
        boolean keyword = false;
        for (int i = 0; i < arguments.size(); i++) {
            Argument a = arguments.get(i);
            if (i > 0) out.append(", ");
            if (a.keywordOnly() && !keyword) {
                out.append("*, ");
                keyword = true;
            }
            out.append(typeText(a)).append(' ').append(a.name());
            if (a.hasDefault()) out.append('=').append(defaultText(a.defaultValue()));
        }
        if (varargs) out.append(arguments.isEmpty() ? "..." : ", ...");
        out.append(") -> ");
        if (returns.size() == 1 && returns.getFirst().name().isEmpty()) return out.append(typeText(returns.getFirst())).toString();
        return out.append(returns.stream().map(r -> (typeText(r) + " " + r.name()).strip())
            .collect(Collectors.joining(", ", "(", ")"))).toString();
    }

    private static String typeText(Argument a) {
        String type = a.type().toString();
        if (a.fixedLength() > 0) type = type.replace("[]", "[" + a.fixedLength() + "]");
        return a.alias() == null ? type : type + a.alias();
    }

    private static String defaultText(Object value) {
        return switch (value) {
            case null -> "None";
            case Boolean b -> b ? "True" : "False";
            case String s -> '"' + s + '"';
            case List<?> list -> list.stream().map(FunctionSchema::defaultText).collect(Collectors.joining(", ", "[", "]"));
            default -> value.toString();
        };
    }
}
