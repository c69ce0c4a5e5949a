package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.cuda.ops.CudaRows;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;

/** instance_norm on a device: the rows of a sample's channels normalised; running statistics by other operators. */
final class InstanceNorm {
    private InstanceNorm() {}

    static void run(Args a, Tensor out) {
        CallContext c = a.context();
        Tensor t = a.tensor(0);
        if (!a.bool(5)) {
            Elementwise.copy(c, c.tensor("aten::batch_norm", t, a.get(1), a.get(2), a.get(3), a.get(4), false, a.get(6), a.get(7), false), out);
            return;
        }
        if (t.dim() < 2) throw new ScriptError("instance_norm expects an input of at least 2 dimensions, got " + t.dim());
        if (t.numel() == 0) return;
        long samples = t.sizes()[0], channels = t.sizes()[1];
        CudaRows.normalize(c, t, t.numel() / samples / channels, 1, a.tensorOrNull(1), a.tensorOrNull(2), a.float64(7), out, null, null);
        if (a.isNone(3) && a.isNone(4)) return;
        Tensor rows = c.tensor("aten::reshape", t, new long[] {samples, channels, -1});
        Object[] moments = (Object[]) c.call("aten::var_mean.correction", rows, new long[] {2}, 1L, false);
        update(c, a.tensorOrNull(3), a.float64(6), (Tensor) moments[1]);
        update(c, a.tensorOrNull(4), a.float64(6), (Tensor) moments[0]);
    }

    /** running = (1 - momentum) · running + momentum · the mean over the samples. The schema does not say that it is written. */
    private static void update(CallContext c, Tensor running, double momentum, Tensor observed) {
        if (running == null) return;
        Tensor mean = c.tensor("aten::mean.dim", observed, new long[] {0});
        Tensor kept = c.tensor("aten::mul.Scalar", running, 1 - momentum);
        c.call("aten::copy_", running, c.tensor("aten::add.Tensor", kept, c.tensor("aten::mul.Scalar", mean, momentum), 1L));
    }
}
