package dev.cresset.ir.script;

import dev.cresset.ir.graph.SourceRange;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.SimpleType;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** What {@code torch.…}, {@code ops.…}, {@code math.…} and {@code CONSTANTS.…} stand for. */
final class Namespaces {
    private static final Map<String, Long> NUMBERS = new HashMap<>();
    /** Parts of torch whose functions are operators without a prefix. */
    private static final Set<String> PLAIN = Set.of("torch.autograd", "torch.nn.functional", "torch.functional",
        "torch._C._nn",
        "torch._C", "torch._VF", "torch.jit", "torch.random", "torch.overrides");
    /**
     * Parts of torch whose functions are operators with a prefix: {@code torch.linalg.norm} is
     * {@code aten::linalg_norm}.
     */
    private static final Set<String> PREFIXED = Set.of("torch.linalg", "torch.fft", "torch.special");
    private static final Set<String> INNER = Set.of("torch.nn", "torch.nn.init", "torch.autograd.grad_mode",
        "torch.classes",
        "torch.ops", "torch.utils", "torch.cuda", "torch.backends");
    private static final Map<String, String> SPECIAL = Map.ofEntries(Map.entry("torch.jit.annotate", "annotate"),
        Map.entry("torch.jit.isinstance", "isinstance"), Map.entry("torch.jit.fork", "fork"),
            Map.entry("torch.jit._fork", "fork"),
        Map.entry("torch.jit.wait", "wait"), Map.entry("torch.jit._wait", "wait"),
            Map.entry("torch.jit.is_scripting", "is_scripting"),
        Map.entry("torch.jit.is_tracing", "is_tracing"), Map.entry("torch.device", "device"),
            Map.entry("torch.Size", "Size"),
        Map.entry("torch.jit.unchecked_cast", "unchecked_cast"),
            Map.entry("torch._jit_internal.is_scripting", "is_scripting"));
    private static final Map<String, Double> MATH = Map.of("pi", Math.PI, "e", Math.E, "tau", 2 * Math.PI,
        "inf", Double.POSITIVE_INFINITY, "nan", Double.NaN);

    static {
        for (ScalarType t : ScalarType.values()) NUMBERS.put(t.name().toLowerCase(java.util.Locale.ROOT),
            (long) t.code());
        Map.of("float", ScalarType.FLOAT32, "double", ScalarType.FLOAT64, "half", ScalarType.FLOAT16, "long",
            ScalarType.INT64,
            "int", ScalarType.INT32, "short", ScalarType.INT16, "cfloat", ScalarType.COMPLEX64, "cdouble",
                ScalarType.COMPLEX128,
            "chalf", ScalarType.COMPLEX32, "bool", ScalarType.BOOL).forEach((n, t) -> NUMBERS.put(n, (long) t.code()));
        NUMBERS.putAll(Map.of("strided", 0L, "sparse_coo", 1L, "sparse_csr", 2L, "contiguous_format", 0L,
            "preserve_format", 1L,
            "channels_last", 2L, "channels_last_3d", 3L, "per_tensor_affine", 0L, "per_channel_affine", 1L));
    }

    Term attribute(FunctionCompiler f, String path, String name, SourceRange range) {
        String full = path + "." + name;
        if (path.equals("ops") || path.equals("torch.ops")) return new Term.Namespace("ops." + name);
        if (path.startsWith("ops.")) return new Term.Operator(path.substring("ops.".length()) + "::" + name, null);
        if (path.equals("CONSTANTS")) return constant(f, name, range);
        if (path.equals("math")) return math(f, name, range);
        if (path.equals("torch") || path.startsWith("torch.")) return torch(f, path, full, name, range);
        Term declared = f.unit.lookup(full);
        return declared != null ? declared : new Term.Namespace(full);
    }

    private static Term constant(FunctionCompiler f, String name, SourceRange range) {
        if (!name.matches("c\\d{1,9}")) throw FunctionCompiler.error("constants are called CONSTANTS.cN, not '" + name
            + "'", range);
        Constant c = f.unit.constant(Integer.parseInt(name.substring(1)));
        return new Term.Val(f.emitter.constant(c.value(), c.type(), range));
    }

    private static Term math(FunctionCompiler f, String name, SourceRange range) {
        Double number = MATH.get(name);
        if (number != null) return new Term.Val(f.emitter.constant(number, SimpleType.FLOAT, range));
        return new Term.Operator(switch (name) {
            case "fabs" -> "prim::abs";
            case "mod" -> "aten::fmod";
            default -> "aten::" + name;
        }, null);
    }

    private static Term torch(FunctionCompiler f, String path, String full, String name, SourceRange range) {
        if (SPECIAL.containsKey(full)) return new Term.Special(SPECIAL.get(full));
        if (path.equals("torch") && NUMBERS.containsKey(name)) {
            return new Term.Val(f.emitter.constant(NUMBERS.get(name), range));
        }
        if (PREFIXED.contains(path)) return new Term.Operator("aten::" + path.substring("torch.".length()) + "_"
            + name, null);
        if (isNamespace(full)) return new Term.Namespace(full);
        if (path.equals("torch") || PLAIN.contains(path)) {
            String operator = "aten::" + name;
            if (!f.unit.operators().overloads(operator).isEmpty()) return new Term.Operator(operator, null);
            Term declared = f.unit.lookup("__torch__." + full);
            if (declared == null) declared = f.unit.lookup("__torch__.torch.autograd.grad_mode." + name);
            return declared != null ? declared : new Term.Operator(operator, null);
        }
        Term declared = f.unit.lookup("__torch__." + full);
        return declared != null ? declared : new Term.Namespace(full);
    }

    private static boolean isNamespace(String full) {
        return PLAIN.contains(full) || PREFIXED.contains(full) || INNER.contains(full);
    }
}
