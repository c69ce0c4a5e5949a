package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.kernels.ops.reduce.RandomFill.Standard;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;

/** New tensors of random elements: uniform, normal, integers, permutations. */
final class RandomOps implements OpFamily {
    private static final String OPTIONS = "ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None";
    private static final String LIKE = "(Tensor self, *, " + OPTIONS + ", MemoryFormat? memory_format=None) -> Tensor";

    @Override public void declare(Catalog ops) {
        declare(ops, "rand", Standard.UNIFORM);
        declare(ops, "randn", Standard.NORMAL);
        declareIntegers(ops);
        declarePermutations(ops);
    }

    private static void declare(Catalog ops, String name, Standard standard) {
        String head = "aten::" + name;
        ops.op(head + "(int[] size, *, " + OPTIONS + ") -> Tensor").nondeterministic()
            .kernel(a -> floats(a, 1), (a, out) -> RandomFill.standard(a.context(), a.context().generator(), standard, out)).everywhere();
        ops.op(head + ".generator(int[] size, *, Generator? generator, " + OPTIONS + ") -> Tensor").nondeterministic()
            .kernel(a -> floats(a, 2), (a, out) -> RandomFill.standard(a.context(), a.generator(1), standard, out)).everywhere();
        ops.op(head + ".out(int[] size, *, Tensor(a!) out) -> Tensor(a!)").nondeterministic()
            .kernel(a -> Meta.of(a.tensor(1).dtype(), a.longs(0)), (a, out) -> RandomFill.standard(a.context(), a.context().generator(), standard, out)).everywhere();
        ops.op(head + "_like" + LIKE).nondeterministic()
            .kernel(a -> like(a, 1), (a, out) -> RandomFill.standard(a.context(), a.context().generator(), standard, out)).everywhere();
    }

    private static Meta floats(Args a, int dtype) {
        ScalarType type = a.dtypeOr(dtype, ScalarType.FLOAT32);
        if (!type.isFloating()) throw new ScriptError("random numbers of type " + type.printName() + " are not supported; expected a floating type");
        Shapes.numel(a.longs(0));
        return Meta.of(type, a.longs(0));
    }

    /** @param dtype position of the first option */
    private static Meta like(Args a, int dtype) {
        Tensor t = a.tensor(0);
        ScalarType type = a.dtypeOr(dtype, t.dtype());
        long format = a.int64Or(dtype + 4, Shapes.PRESERVE);
        return format == Shapes.PRESERVE ? Meta.like(t, type) : new Meta(type, t.sizes(), Shapes.strides(t.sizes(), (int) format));
    }

    private static void declareIntegers(Catalog ops) {
        String options = OPTIONS.replace("ScalarType? dtype=None", "ScalarType? dtype=4") + ") -> Tensor";
        ops.op("aten::randint(int high, int[] size, *, " + options).nondeterministic()
            .kernel(a -> sized(a, 1, 2), (a, out) -> integers(a, a.context().generator(), 0, a.int64(0), out)).everywhere();
        ops.op("aten::randint.generator(int high, int[] size, *, Generator? generator, " + options).nondeterministic()
            .kernel(a -> sized(a, 1, 3), (a, out) -> integers(a, a.generator(2), 0, a.int64(0), out)).everywhere();
        ops.op("aten::randint.low(int low, int high, int[] size, *, " + options).nondeterministic()
            .kernel(a -> sized(a, 2, 3), (a, out) -> integers(a, a.context().generator(), a.int64(0), a.int64(1), out)).everywhere();
        ops.op("aten::randint.low_generator(int low, int high, int[] size, *, Generator? generator, " + options).nondeterministic()
            .kernel(a -> sized(a, 2, 4), (a, out) -> integers(a, a.generator(3), a.int64(0), a.int64(1), out)).everywhere();
        String like = OPTIONS + ", MemoryFormat? memory_format=None) -> Tensor";
        ops.op("aten::randint_like(Tensor self, int high, *, " + like).nondeterministic()
            .kernel(a -> like(a, 2), (a, out) -> integers(a, a.context().generator(), 0, a.int64(1), out)).everywhere();
        ops.op("aten::randint_like.low_dtype(Tensor self, int low, int high, *, " + like).nondeterministic()
            .kernel(a -> like(a, 3), (a, out) -> integers(a, a.context().generator(), a.int64(1), a.int64(2), out)).everywhere();
    }

    private static Meta sized(Args a, int size, int dtype) {
        Shapes.numel(a.longs(size));
        return Meta.of(a.dtypeOr(dtype, ScalarType.INT64), a.longs(size));
    }

    private static void integers(Args a, Generator g, long low, long high, Tensor out) {
        if (low >= high) throw new ScriptError("random_ expects 'from' to be less than 'to', but got from=" + low + " >= to=" + high);
        RandomFill.integers(a.context(), g, out, low, high);
    }

    private static void declarePermutations(Catalog ops) {
        String options = OPTIONS.replace("ScalarType? dtype=None", "ScalarType? dtype=4") + ") -> Tensor";
        ops.op("aten::randperm(int n, *, " + options).nondeterministic()
            .kernel(a -> Meta.of(a.dtypeOr(1, ScalarType.INT64), length(a)), (a, out) -> shuffle(a.context().generator(), out)).madeOnHost();
        ops.op("aten::randperm.generator(int n, *, Generator? generator, " + options).nondeterministic()
            .kernel(a -> Meta.of(a.dtypeOr(2, ScalarType.INT64), length(a)), (a, out) -> shuffle(a.generator(1), out)).madeOnHost();
    }

    private static long length(Args a) {
        if (a.int64(0) < 0) throw new ScriptError("n must be non-negative, got " + a.int64(0));
        return a.int64(0);
    }

    /** Fisher and Yates: counter base + i decides which of the elements up to i comes to place i. */
    private static void shuffle(Generator g, Tensor out) {
        int n = Math.toIntExact(out.numel());
        long[] v = new long[n];
        long base = g.reserve(n);
        for (int i = 0; i < n; i++) {
            int j = (int) RandomFill.integer(g, base + i, 0, i + 1);
            v[i] = v[j];
            v[j] = i;
        }
        for (int i = 0; i < n; i++) Elements.setLong(out.data(), out.dtype(), out.offset() + i, v[i]);
    }
}
