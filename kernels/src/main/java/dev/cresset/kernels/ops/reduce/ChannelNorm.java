package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;

/** Batch normalisation by expressions and reductions, on any device. Arguments are those of {@code aten::batch_norm}. */
final class ChannelNorm {
    private ChannelNorm() {}

    /** @param saveMean and {@code saveInvstd}: of each channel when training; null if not wanted */
    static void run(Args a, Tensor out, Tensor saveMean, Tensor saveInvstd) {
        if (!a.bool(5)) {
            normalize(a, out, a.tensor(3), a.tensor(4));
            return;
        }
        CallContext c = a.context();
        Tensor x = a.tensor(0);
        ScalarType wide = Expr.compute(x.dtype());
        Tensor in = x.dtype() == wide ? x : c.tensor("aten::to.dtype", x, (long) wide.code());
        Object[] found = (Object[]) c.call("aten::var_mean.dim", in, otherDims(x), false, false);
        Tensor variance = (Tensor) found[0], mean = (Tensor) found[1];
        double n = x.sizes()[1] == 0 ? 0 : (double) x.numel() / x.sizes()[1];
        update(c, a.tensorOrNull(3), mean, a.float64(6));
        update(c, a.tensorOrNull(4), c.tensor("aten::mul.Scalar", variance, n / (n - 1)), a.float64(6));
        normalize(a, out, mean, variance);
        if (saveMean == null || saveMean.numel() == 0) return;
        Elementwise.copy(c, mean, saveMean);
        Elementwise.copy(c, c.tensor("aten::rsqrt", c.tensor("aten::add.Scalar", variance, a.float64(7), 1L)), saveInvstd);
    }

    private static long[] otherDims(Tensor x) {
        long[] dims = new long[x.dim() - 1];
        for (int d = 1; d < dims.length; d++) dims[d] = d + 1;
        return dims;
    }

    /** running = (1 - momentum) · running + momentum · observed. */
    private static void update(CallContext c, Tensor running, Tensor observed, double momentum) {
        if (running == null) return;
        c.call("aten::mul_.Scalar", running, 1 - momentum);
        c.call("aten::add_.Tensor", running, observed, momentum);
    }

    /** (x - mean) · weight / sqrt(variance + eps) + bias. */
    private static void normalize(Args a, Tensor out, Tensor mean, Tensor variance) {
        if (out.numel() == 0) return;
        Tensor x = a.tensor(0), weight = a.tensorOrNull(1), bias = a.tensorOrNull(2);
        ScalarType t = Expr.compute(x.dtype());
        Expr scale = load(2, variance, t).add(new Expr.Param(5, t)).sqrt().recip();
        if (weight != null) scale = load(3, weight, t).mul(scale);
        Expr y = load(0, x, t).sub(load(1, mean, t)).mul(scale);
        if (bias != null) y = y.add(load(4, bias, t));
        Elementwise.apply(a.context(), y, out, x, channels(mean, x), channels(variance, x), channels(weight, x), channels(bias, x), a.float64(7));
    }

    private static Expr load(int input, Tensor of, ScalarType type) { return new Expr.Load(input, of.dtype()).to(type); }

    /** A vector over the channels as it broadcasts to x. */
    private static Tensor channels(Tensor v, Tensor x) {
        if (v == null) return null;
        long[] sizes = new long[x.dim() - 1], strides = new long[sizes.length];
        Arrays.fill(sizes, 1);
        sizes[0] = v.size(0);
        strides[0] = v.strides()[0];
        return v.view(sizes, strides);
    }
}
