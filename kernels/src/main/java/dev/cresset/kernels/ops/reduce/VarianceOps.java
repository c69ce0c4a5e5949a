package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.cuda.code.ReduceKernels.Operator;
import dev.cresset.kernels.cuda.ops.CudaReduce;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Tensor;
import java.util.function.DoubleBinaryOperator;

/** Variance and standard deviation, with the mean if asked for. */
final class VarianceOps implements OpFamily {
    private static final String CORRECTED = "(Tensor self, int[1]? dim, *, int? correction, bool keepdim=False";
    private static final String UNBIASED = "(Tensor self, int[1]? dim, bool unbiased=True, bool keepdim=False";

    /** Where an overload has its arguments; -1 for none. */
    private record Form(int dim, int keepdim, int correction) {
        static final Form ALL = new Form(-1, -1, 1), DIMS = new Form(1, 3, 2), CORRECTED = new Form(1, 3, 2);

        boolean[] mask(Args a) { return dim < 0 ? Dims.all(a.tensor(0)) : Dims.list(a, dim); }

        boolean keeps(Args a) { return keepdim >= 0 && a.bool(keepdim); }

        double correction(Args a) { return a.get(correction) instanceof Boolean b ? (b ? 1 : 0) : a.int64Or(correction, 1); }
    }

    @Override public void declare(Catalog ops) {
        declare(ops, "var", false);
        declare(ops, "std", true);
    }

    private static void declare(Catalog ops, String name, boolean root) {
        String one = ") -> Tensor";
        String out = "Tensor(a!) out) -> Tensor(a!)";
        declare(ops, "aten::" + name + "(Tensor self, bool unbiased=True" + one, root, 1, Form.ALL);
        declare(ops, "aten::" + name + ".dim" + UNBIASED + one, root, 1, Form.DIMS)
            .alsoAs("aten::" + name + ".out" + UNBIASED + ", *, " + out);
        declare(ops, "aten::" + name + ".correction" + CORRECTED + one, root, 1, Form.CORRECTED)
            .alsoAs("aten::" + name + ".correction_out" + CORRECTED + ", " + out);
        String two = ") -> (Tensor, Tensor)";
        declare(ops, "aten::" + name + "_mean(Tensor self, bool unbiased=True" + two, root, 2, Form.ALL);
        declare(ops, "aten::" + name + "_mean.dim" + UNBIASED + two, root, 2, Form.DIMS);
        declare(ops, "aten::" + name + "_mean.correction" + CORRECTED + two, root, 2, Form.CORRECTED)
            .alsoAs("aten::" + name + "_mean.correction_out" + CORRECTED + ", Tensor(a!) out0, Tensor(b!) out1) -> (Tensor(a!), Tensor(b!))");
    }

    private static Catalog.Declaration declare(Catalog ops, String schema, boolean root, int results, Form form) {
        return ops.op(schema).kernels(a -> shape(a, results, form), (a, out) -> run(a, root, form, out))
            .cudas((a, out) -> CudaReduce.run(a.context(), root ? Operator.STD : Operator.VAR, form.correction(a), a.tensor(0), form.mask(a), out));
    }

    private static Meta[] shape(Args a, int results, Form form) {
        Tensor t = a.tensor(0);
        if (!t.dtype().isFloating()) {
            throw new ScriptError("std and var only support floating point dtypes, got " + t.dtype().printName());
        }
        Meta m = Dims.meta(t.dtype(), t, form.mask(a), form.keeps(a));
        return results == 1 ? new Meta[] {m} : new Meta[] {m, m};
    }

    private static void run(Args a, boolean root, Form form, Tensor[] out) {
        double correction = form.correction(a);
        DoubleBinaryOperator finish = root ? (s, n) -> Math.sqrt(s / Math.max(0, n - correction)) : (s, n) -> s / Math.max(0, n - correction);
        new Reduction(a.tensor(0), form.mask(a)).run(a.context().threads(), () -> new VarianceFold(finish), out);
    }
}
