package dev.cresset.kernels.ops.shape;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.ops.Operators;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Tensor;
import java.util.List;

/** Calls of operators in tests, and comparison of what they return with what PyTorch returns. */
final class Calls {
    private final CallContext context;

    Calls() {
        Catalog ops = Operators.catalog();
        context = new CallContext(ops, new Scope(new MemoryPool(1 << 20)), new Generator(1), System.out, 1, false);
    }

    CallContext context() { return context; }

    Object call(String name, Object... arguments) { return context.call("aten::" + name, arguments); }

    Tensor tensor(String name, Object... arguments) { return (Tensor) call(name, arguments); }

    @SuppressWarnings("unchecked")
    List<Tensor> list(String name, Object... arguments) { return (List<Tensor>) call(name, arguments); }

    void refuses(String reason, String name, Object... arguments) {
        assertEquals(reason, assertThrows(ScriptError.class, () -> call(name, arguments)).reason());
    }

    /** 0, 1, 2 … as float32 in this shape. */
    static Tensor range(long... shape) {
        float[] v = new float[(int) dev.cresset.tensor.Shapes.numel(shape)];
        for (int i = 0; i < v.length; i++) v[i] = i;
        return Tensor.of(v, shape);
    }

    static Tensor ints(long... values) { return Tensor.of(values, values.length); }

    static Tensor floats(double... values) {
        float[] v = new float[values.length];
        for (int i = 0; i < v.length; i++) v[i] = (float) values[i];
        return Tensor.of(v, v.length);
    }

    static long[] shape(long... sizes) { return sizes; }

    static void assertIs(Tensor got, long[] shape, double... values) {
        assertArrayEquals(shape, got.sizes());
        assertArrayEquals(values, got.toDoubleArray(), 1e-6);
    }
}
