package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.code.ReduceKernels.Operator;
import dev.cresset.kernels.cuda.ops.CudaLines;
import dev.cresset.kernels.cuda.ops.CudaReduce;
import dev.cresset.kernels.expr.BinaryFn;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;

/** Elements by their rank in a line, on a device: of sorted lines, whose NaNs are last. Results are values and indices. */
final class RankOnDevice {
    private RankOnDevice() {}

    /** The element of rank k, counted from 0. */
    static void kth(CallContext c, Tensor self, long dim, int k, Tensor[] out) {
        Tensor t = self.dim() == 0 ? Views.unsqueeze(self, 0) : self;
        int d = Shapes.wrapDim(dim, t.dim());
        Tensor[] sorted = sorted(c, t, d, k + 1);
        for (int i = 0; i < 2; i++) copy(c, Views.narrow(sorted[i], d, k, 1), out[i]);
    }

    private static Tensor[] sorted(CallContext c, Tensor t, int dim, long first) {
        long[] sizes = t.sizes().clone();
        sizes[dim] = first;
        Tensor[] out = {c.empty(t.dtype(), sizes), c.empty(ScalarType.INT64, sizes)};
        CudaLines.sort(c, t, dim, false, out[0], out[1]);
        return out;
    }

    private static void copy(CallContext c, Tensor from, Tensor out) { Elementwise.copy(c, c.tensor("aten::reshape", from, out.sizes()), out); }

    /** The lower one of the two in the middle. @param skip leaves out NaNs, else one of them is the median */
    static void median(CallContext c, Tensor self, long dim, boolean skip, Tensor[] out) {
        Tensor t = self.dim() == 0 ? Views.unsqueeze(self, 0) : self;
        int d = Shapes.wrapDim(dim, t.dim());
        long n = t.sizes()[d];
        if (!t.dtype().isFloating()) {
            kth(c, t, d, (int) ((n - 1) / 2), out);
            return;
        }
        boolean[] mask = Dims.mask(t.dim(), new long[] {d});
        Tensor nans = c.empty(ScalarType.INT64, Dims.sizes(t, mask, true)), rank = c.empty(ScalarType.INT64, nans.sizes());
        CudaReduce.run(c, Operator.COUNT, c.tensor("aten::ne.Tensor", t, t), mask, nans);
        Expr bad = new Expr.Load(0, ScalarType.INT64), good = bad.neg().add(n);
        Expr isNaN = skip ? bad.eq(n) : bad.gt(0);
        Elementwise.apply(c, isNaN.select(good, good.sub(1).apply(BinaryFn.TRUNC_DIV, Expr.constant(2, ScalarType.INT64))), rank, nans);
        Tensor[] sorted = sorted(c, t, d, n);
        for (int i = 0; i < 2; i++) copy(c, c.tensor("aten::gather", sorted[i], (long) d, rank), out[i]);
    }
}
