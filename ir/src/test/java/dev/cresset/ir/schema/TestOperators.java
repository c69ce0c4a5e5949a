package dev.cresset.ir.schema;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** An operator table made from schema strings, for tests that need types and effects but no kernels. */
public final class TestOperators implements OperatorTable {
    /** Operators whose schema does not tell that they are random or read uninitialised memory. */
    private static final Set<String> NONDETERMINISTIC = Set.of("aten::rand", "aten::rand_like", "aten::randn",
        "aten::bernoulli", "aten::dropout", "aten::empty", "aten::empty_like");
    /** Operators whose schema does not tell that they print or change a mode. */
    private static final Set<String> SIDE_EFFECTS = Set.of("aten::warn", "aten::set_grad_enabled", "aten::manual_seed");

    /** @param schema of the operator; the rest as {@link OperatorInfo} says */
    public record Operator(FunctionSchema schema, boolean isNondeterministic,
        boolean hasSideEffects) implements OperatorInfo {
        @Override public boolean isImplemented() { return true; }
    }

    private final Map<String, List<Operator>> byName = new LinkedHashMap<>();

    private TestOperators(Collection<String> schemas) {
        for (String text : schemas) {
            FunctionSchema schema = FunctionSchema.parse(text);
            byName.computeIfAbsent(schema.name(), _ -> new ArrayList<>()).add(new Operator(schema,
                NONDETERMINISTIC.contains(schema.name()), SIDE_EFFECTS.contains(schema.name())));
        }
    }

    /** A table of exactly these operators; the overloads of a name in the order given. */
    public static TestOperators of(Collection<String> schemas) { return new TestOperators(schemas); }

    /** As {@link #of(Collection)}. */
    public static TestOperators of(String... schemas) { return of(List.of(schemas)); }

    /** The operators of {@code test-operators.txt}: what small programs use, with PyTorch's own schemas and order. */
    public static TestOperators common() {
        try (InputStream in = TestOperators.class.getResourceAsStream("/test-operators.txt")) {
            return of(new String(in.readAllBytes(), StandardCharsets.UTF_8).lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#")).toList());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the test resource test-operators.txt", e);
        }
    }

    @Override public List<Operator> overloads(String name) { return byName.getOrDefault(name, List.of()); }
}
