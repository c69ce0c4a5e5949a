package dev.cresset.ir.script;

import dev.cresset.ir.graph.ScriptFunction;
import dev.cresset.ir.graph.Source;
import dev.cresset.ir.schema.OperatorTable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The part of the language that is itself written in TorchScript ({@code prelude.py}): what operators meant in older
 * archives, a few builtin functions, and the context managers of {@code torch}.
 */
final class Prelude {
    /** @param before the first archive version in which the operator has its meaning of today */
    private record Upgrade(int before, List<String> functions) {}

    private static final Map<String, Upgrade> UPGRADES = Map.of(
        "aten::div", new Upgrade(4, List.of("div_tensor", "div_float", "div_number", "div_out")),
        "aten::div_", new Upgrade(4, List.of("div_inplace_tensor", "div_inplace_float", "div_inplace_number")),
        "aten::full", new Upgrade(5, List.of("full")),
        "aten::linspace", new Upgrade(8, List.of("linspace", "linspace_out")),
        "aten::logspace", new Upgrade(9, List.of("logspace", "logspace_out")));
    private static final Map<String, List<String>> BUILTINS = Map.of("aten::_assert", List.of("_assert"),
        "aten::__contains__", List.of("str_contains"), "aten::list_with_default", List.of("list_with_default"));
    private static final Map<String, String> CLASSES = Map.of("__torch__.torch.autograd.grad_mode.no_grad", "no_grad",
        "__torch__.torch.autograd.grad_mode.enable_grad", "enable_grad");

    private final OperatorTable operators;
    private CompilationUnit unit;

    Prelude(OperatorTable operators) { this.operators = operators; }

    private CompilationUnit unit() {
        if (unit == null) {
            CompilationUnit made = new CompilationUnit(operators, SourceProvider.NONE, ConstantTable.NONE,
                CompilationUnit.LATEST_VERSION, false);
            made.defineFunctions(new Source("prelude.py", text()));
            unit = made;
        }
        return unit;
    }

    private static String text() {
        try (InputStream in = Prelude.class.getResourceAsStream("prelude.py")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the resource prelude.py", e);
        }
    }

    Optional<List<ScriptFunction>> upgraders(String operator, int version) {
        Upgrade upgrade = UPGRADES.get(operator);
        return upgrade == null || version >= upgrade.before ? Optional.empty()
            : Optional.of(functions(upgrade.functions));
    }

    Optional<List<ScriptFunction>> builtins(String operator) {
        return Optional.ofNullable(BUILTINS.get(operator)).map(this::functions);
    }

    private List<ScriptFunction> functions(List<String> names) {
        return names.stream().map(n -> unit().function("__torch__." + n)).toList();
    }

    Term lookup(String name) {
        String own = CLASSES.get(name);
        return own == null ? null : unit().lookup("__torch__." + own);
    }
}
