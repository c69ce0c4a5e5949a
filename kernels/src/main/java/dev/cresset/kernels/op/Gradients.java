package dev.cresset.kernels.op;

import dev.cresset.ir.schema.FunctionSchema;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Tensor;
import java.util.Set;

/**
 * Keeps {@code requires_grad} as PyTorch does, since programs can ask for it: a floating result requires a gradient if an
 * input does and gradients are enabled. There is no differentiation behind it.
 */
public final class Gradients {
    /** Their results do not depend on the values of their inputs, or are cut off from them. */
    private static final Set<String> CUT = Set.of("aten::detach", "aten::detach_", "aten::requires_grad_", "aten::bernoulli",
        "aten::multinomial", "aten::poisson", "aten::_standard_gamma", "aten::heaviside", "prim::data", "aten::one_hot", "aten::resize_");

    private Gradients() {}

    /** Whether an operator passes the need for a gradient on. */
    public static boolean passes(Operator op) {
        FunctionSchema schema = op.schema();
        String name = schema.name();
        boolean tensors = schema.arguments().stream().anyMatch(a -> a.type().toString().contains("Tensor"))
            && schema.returns().stream().anyMatch(r -> r.type().toString().contains("Tensor"));
        return tensors && !CUT.contains(name) && !name.endsWith("_like") && !name.startsWith("aten::new_");
    }

    /** Marks the result of a call. */
    public static void mark(Object[] inputs, Object result) {
        for (Object input : inputs) {
            if (requires(input)) {
                require(result);
                return;
            }
        }
    }

    private static boolean requires(Object value) {
        if (value instanceof Tensor t) return t.requiresGrad();
        if (!(value instanceof ScriptList l)) return false;
        for (int i = 0; i < l.size(); i++) {
            if (!(l.get(i) instanceof Tensor t)) return false;
            if (t.requiresGrad()) return true;
        }
        return false;
    }

    private static void require(Object result) {
        switch (result) {
            case Tensor t when t.dtype().isFloating() || t.dtype().isComplex() -> t.setRequiresGrad(true);
            case ScriptList l -> l.forEach(Gradients::require);
            case Object[] several -> {
                for (Object o : several) require(o);
            }
            case null, default -> { }
        }
    }
}
