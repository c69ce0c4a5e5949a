package dev.cresset.kernels.ops.scalar;

import dev.cresset.kernels.op.Body;
import dev.cresset.kernels.op.Catalog;
import java.util.List;

/** Declares the many overloads that share one body, in PyTorch's order. */
record Overloads(Catalog ops) {
    /** Types of dict keys. */
    static final List<String> KEYS = List.of("str", "int", "bool", "float", "complex", "Tensor");

    /** One operator of this name for each tail, {@code ".int(int a) -> float"}. */
    Overloads each(String name, Body.Function body, String... tails) {
        for (String tail : tails) ops.op(name + tail).host(body);
        return this;
    }

    /** Overloads {@code (x a, y b)} for parameter types written as {@code "int_float -> float"}; the name is the overload's. */
    Overloads binary(String name, Body.Function body, String... forms) {
        for (String form : forms) {
            String[] parts = form.split(" -> ");
            String[] types = parts[0].split("_");
            String a = types[0];
            String b = types.length == 1 ? a : types[1];
            String overload = a.equals("Scalar") ? "" : "." + parts[0];
            ops.op(name + overload + "(" + a + " a, " + b + " b) -> " + parts[1]).host(body);
        }
        return this;
    }

    /** One overload for each key type, which stands for K in the schema. */
    Overloads keyed(String schema, Body.Function body) {
        for (String key : KEYS) ops.op(schema.replace("K", key)).host(body);
        return this;
    }
}
