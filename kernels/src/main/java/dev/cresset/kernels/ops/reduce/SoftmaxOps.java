package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.code.ReduceKernels.Operator;
import dev.cresset.kernels.cuda.ops.CudaReduce;
import dev.cresset.kernels.cuda.ops.CudaRows;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Tensor;

/** softmax and its logarithm, and log Σ exp. */
final class SoftmaxOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        declare(ops, "softmax", false);
        declare(ops, "log_softmax", true);
        ops.op("aten::special_softmax(Tensor self, int dim, ScalarType? dtype=None) -> Tensor")
            .kernel(a -> meta(a, "softmax"), (a, out) -> Softmax.run(a.context(), a.tensor(0), a.int64(1), false, out))
            .cuda((a, out) -> CudaRows.softmax(a.context(), a.tensor(0), a.int64(1), false, out));
        ops.op("aten::special_log_softmax(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor")
            .kernel(a -> meta(a, "log_softmax"), (a, out) -> Softmax.run(a.context(), a.tensor(0), a.int64(1), true, out))
            .cuda((a, out) -> CudaRows.softmax(a.context(), a.tensor(0), a.int64(1), true, out));
        for (String name : new String[] {"logsumexp", "special_logsumexp"}) {
            ops.op("aten::" + name + "(Tensor self, int[1] dim, bool keepdim=False) -> Tensor").kernel(SoftmaxOps::sumMeta,
                (a, out) -> new Reduction(a.tensor(0), Dims.list(a, 1)).run(a.context().threads(), LogSumExpFold::new, out))
                .cuda((a, out) -> CudaReduce.run(a.context(), Operator.LOGSUMEXP, a.tensor(0), Dims.list(a, 1), out))
                .alsoAs("aten::" + name + ".out(Tensor self, int[1] dim, bool keepdim=False, *, Tensor(a!) out) -> Tensor(a!)");
        }
    }

    private static void declare(Catalog ops, String name, boolean log) {
        String head = "(Tensor self, int dim, ScalarType? dtype=None";
        ops.op("aten::" + name + ".int" + head + ") -> Tensor")
            .kernel(a -> meta(a, name), (a, out) -> Softmax.run(a.context(), a.tensor(0), a.int64(1), log, out))
            .cuda((a, out) -> CudaRows.softmax(a.context(), a.tensor(0), a.int64(1), log, out))
            .alsoAs("aten::" + name + ".int_out" + head + ", *, Tensor(a!) out) -> Tensor(a!)");
        String inner = "(Tensor self, int dim, bool half_to_float";
        ops.op("aten::_" + name + inner + ") -> Tensor")
            .kernel(a -> Meta.of(a.bool(2) ? ScalarType.FLOAT32 : a.tensor(0).dtype(), a.tensor(0).sizes()),
                (a, out) -> Softmax.run(a.context(), a.tensor(0), a.int64(1), log, out))
            .cuda((a, out) -> CudaRows.softmax(a.context(), a.tensor(0), a.int64(1), log, out))
            .alsoAs("aten::_" + name + ".out" + inner + ", *, Tensor(a!) out) -> Tensor(a!)");
    }

    private static Meta meta(Args a, String name) {
        ScalarType type = a.dtypeOr(2, a.tensor(0).dtype());
        if (!type.isFloating()) throw new ScriptError("\"" + name + "\" not implemented for '" + type.printName() + "'");
        return Meta.of(type, a.tensor(0).sizes());
    }

    private static Meta sumMeta(Args a) {
        Tensor t = a.tensor(0);
        ScalarType type = t.dtype().isIntegral() ? ScalarType.FLOAT32 : t.dtype();
        return Dims.meta(type, t, Dims.list(a, 1), a.bool(2));
    }
}
