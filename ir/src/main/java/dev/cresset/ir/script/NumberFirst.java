package dev.cresset.ir.script;

import dev.cresset.ir.graph.SourceRange;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.Type;
import java.util.Map;
import java.util.Optional;

/** Operators with a number first and a tensor second, which no overload takes: {@code 1 - x} is {@code neg(x) + 1}. */
final class NumberFirst {
    private static final Map<String, String> SWAPPED = Map.of("aten::add", "aten::add", "aten::mul", "aten::mul",
        "aten::lt", "aten::gt", "aten::le", "aten::ge", "aten::gt", "aten::lt", "aten::ge", "aten::le",
        "aten::eq", "aten::eq", "aten::ne", "aten::ne");

    private NumberFirst() {}

    static Optional<Term> rewrite(Operators operators, Operators.Call call) {
        if (call.name().equals("aten::floordiv")) return floorDivide(operators, call);
        if (call.self() != null || call.positional().size() != 2 || !call.named().isEmpty()) return Optional.empty();
        Value number = call.positional().get(0);
        Value tensor = call.positional().get(1);
        if (!isNumber(number.type()) || !tensor.type().isTensor()) return Optional.empty();
        SourceRange range = call.range();
        String swapped = SWAPPED.get(call.name());
        if (swapped != null) return Optional.of(new Term.Val(operators.call(swapped, range, tensor, number)));
        return switch (call.name()) {
            case "aten::sub" ->
                Optional.of(new Term.Val(operators.call("aten::add", range,
                    operators.call("aten::neg", range, tensor), number)));
            case "aten::div" -> Optional.of(
                new Term.Val(operators.call("aten::mul", range, operators.call("aten::reciprocal", range, tensor),
                    number)));
            default -> Optional.empty();
        };
    }

    private static Optional<Term> floorDivide(Operators operators, Operators.Call call) {
        if (call.positional().size() != 2 || !call.positional().getFirst().type().isTensor()) return Optional.empty();
        return Optional.of(operators.call(new Operators.Call("aten::floor_divide", null, call.positional(),
            call.named(), call.range())));
    }

    private static boolean isNumber(Type t) {
        return t == SimpleType.INT || t == SimpleType.FLOAT || t == SimpleType.COMPLEX || t == SimpleType.NUMBER;
    }
}
