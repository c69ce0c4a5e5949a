package dev.cresset.cli.cases;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cresset.cli.data.Npy;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;

/** Reads the values of a case: arguments to pass, tensors to compare with. */
public final class CaseValues {
    private CaseValues() {}

    /**
     * An argument as the engine takes it. Containers are plain Java ones, so that they take the type the method
     * declares.
     */
    public static Object argument(JsonNode v, Path folder) throws IOException {
        String kind = kind(v);
        JsonNode x = v.get(kind);
        return switch (kind) {
            case "tensor" -> tensor(v, folder);
            case "int" -> x.asLong();
            case "float" -> floating(x);
            case "bool" -> x.asBoolean();
            case "str" -> x.asText();
            case "complex" -> new Complex(floating(x.get(0)), floating(x.get(1)));
            case "none" -> null;
            case "list" -> arguments(x, folder);
            case "tuple" -> new ScriptTuple(arguments(x, folder).toArray());
            case "dict" -> {
                LinkedHashMap<Object, Object> dict = new LinkedHashMap<>();
                for (JsonNode e : x) dict.put(argument(e.get(0), folder), argument(e.get(1), folder));
                yield dict;
            }
            default -> throw new IllegalArgumentException("a case cannot pass a value of kind " + kind);
        };
    }

    private static List<Object> arguments(JsonNode array, Path folder) throws IOException {
        List<Object> out = new ArrayList<>();
        for (JsonNode e : array) out.add(argument(e, folder));
        return out;
    }

    static String kind(JsonNode v) {
        for (String k : List.of("tensor", "int", "float", "bool", "str", "complex", "none", "list", "tuple", "dict",
            "object")) {
            if (v.has(k)) return k;
        }
        throw new IllegalArgumentException("not a value of a case: " + v);
    }

    static double floating(JsonNode x) {
        if (x.isNumber()) return x.asDouble();
        return switch (x.asText()) {
            case "nan" -> Double.NaN;
            case "inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            default -> throw new IllegalArgumentException("not a float: " + x);
        };
    }

    static ScalarType dtype(JsonNode v) {
        return switch (v.get("dtype").asText()) {
            case "float16" -> ScalarType.FLOAT16;
            case "bfloat16" -> ScalarType.BFLOAT16;
            default -> ScalarType.valueOf(v.get("dtype").asText().toUpperCase(Locale.ROOT));
        };
    }

    /**
     * The tensor of a value, with its element type and strides; a fresh one each time, since programs may write to it.
     */
    static Tensor tensor(JsonNode v, Path folder) throws IOException {
        Tensor stored = Npy.read(folder.resolve(v.get("tensor").asText()));
        ScalarType dtype = dtype(v);
        Tensor t = stored.dtype() == dtype ? stored : stored.reinterpret(dtype);
        if (v.has("strides")) t = restrided(t, v.get("strides"));
        if (v.path("requires_grad").asBoolean(false)) t.setRequiresGrad(true);
        return t;
    }

    private static Tensor restrided(Tensor t, JsonNode wanted) {
        long[] strides = new long[t.dim()];
        long span = 1;
        for (int d = 0; d < strides.length; d++) {
            strides[d] = wanted.get(d).asLong();
            span += Math.max(0, t.sizes()[d] - 1) * strides[d];
        }
        if (t.numel() == 0 || java.util.Arrays.equals(strides, t.strides())) return t;
        Tensor out = Tensor.zeros(t.dtype(), span).view(t.sizes(), strides);
        Elementwise.copy(t, out);
        return out;
    }

}
