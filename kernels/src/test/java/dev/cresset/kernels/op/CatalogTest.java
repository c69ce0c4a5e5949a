package dev.cresset.kernels.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.schema.FunctionSchema;
import dev.cresset.kernels.ops.Operators;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class CatalogTest {
    /** PyTorch's own signatures are the truth: a declaration that differs would bind arguments differently. */
    @Test void declaredSchemasAreThoseOfPyTorch() {
        Catalog ops = Operators.catalog();
        List<String> wrong = new ArrayList<>();
        for (String name : ops.declaredNames()) {
            Map<String, FunctionSchema> known = ops.signatures().getOrDefault(name, List.of()).stream()
                .map(FunctionSchema::parse).collect(Collectors.toMap(FunctionSchema::qualifiedName, Function.identity()));
            for (Operator op : ops.overloads(name)) {
                FunctionSchema want = known.get(op.schema().qualifiedName());
                if (op.isImplemented() && want != null && !op.schema().toString().equals(want.toString())) {
                    wrong.add(op.schema() + "\n   PyTorch: " + want);
                }
            }
        }
        assertTrue(wrong.isEmpty(), () -> String.join("\n", wrong));
    }

    @Test void knowsWhatItDoesNotRun() {
        Operator op = Operators.catalog().get("quantized::linear_prepack");
        assertEquals("quantized::linear_prepack", op.schema().qualifiedName());
        assertTrue(!op.isImplemented());
    }
}
