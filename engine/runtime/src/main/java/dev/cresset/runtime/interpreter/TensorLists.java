package dev.cresset.runtime.interpreter;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.Type;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;

/** {@code Tensor.tolist()}: nested lists of numbers, as deep as the annotated type says. */
final class TensorLists {
    private TensorLists() {}

    static Object toList(Tensor t, Type type) {
        int depth = 0;
        Type element = type;
        for (; element instanceof ListType l; depth++) element = l.element();
        if (depth != t.dim()) {
            throw new ScriptError("Output annotation list dimension and runtime tensor dimension must match for tolist(): "
                + depth + " and " + t.dim());
        }
        boolean matches = switch (t.dtype().category()) {
            case BOOL -> element == SimpleType.BOOL;
            case INTEGRAL -> element == SimpleType.INT;
            case FLOATING -> element == SimpleType.FLOAT;
            case COMPLEX -> element == SimpleType.COMPLEX;
            case QUANTIZED -> false;
        };
        if (!matches) {
            throw new ScriptError("Output annotation element type and runtime tensor element type must match for tolist(): "
                + element + " and " + t.dtype().printName());
        }
        Tensor host = t.cpu();
        return nested(host, type, 0, host.offset());
    }

    private static Object nested(Tensor t, Type type, int dim, long at) {
        if (!(type instanceof ListType list)) return Elements.get(t.data(), t.dtype(), at);
        ScriptList out = new ScriptList(list.element());
        for (long i = 0; i < t.sizes()[dim]; i++) out.add(nested(t, list.element(), dim + 1, at + i * t.strides()[dim]));
        return out;
    }
}
