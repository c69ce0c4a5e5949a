package dev.cresset.kernels.ops.nn;

import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;
import java.util.List;

/** Operators and overloads that PyTorch got after 1.13, as archives of its later versions call them. */
final class LaterOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        ops.op("aten::rms_norm(Tensor input, int[] normalized_shape, Tensor? weight=None, float? eps=None) -> Tensor")
            .composite(LaterOps::rmsNorm);
        ops.op("aten::squeeze.dims(Tensor(a) self, int[] dim) -> Tensor(a)").host(a -> squeeze(a.tensor(0), a.longs(1)));
        ops.op("aten::stft.aligned(Tensor self, int n_fft, int? hop_length, int? win_length, Tensor? window, "
            + "bool normalized, bool? onesided, bool? return_complex, bool? align_to_window) -> Tensor")
            .composite(LaterOps::stft);
    }

    /** x / sqrt(mean(x²) + eps) over the last dimensions. */
    private static Object rmsNorm(Args a) {
        CallContext c = a.context();
        Tensor x = a.tensor(0);
        long[] dims = new long[a.longs(1).length];
        for (int i = 0; i < dims.length; i++) dims[i] = i - dims.length;
        double eps = a.float64Or(3, x.dtype() == ScalarType.FLOAT64 ? Math.ulp(1.0) : Math.ulp(1f));
        Tensor mean = c.tensor("aten::mean.dim", c.tensor("aten::mul.Tensor", x, x), dims, true, null);
        Tensor y = c.tensor("aten::mul.Tensor", x, c.tensor("aten::rsqrt", c.tensor("aten::add.Scalar", mean, eps, 1)));
        return a.isNone(2) ? y : c.tensor("aten::mul.Tensor", y, a.tensor(2));
    }

    private static Tensor squeeze(Tensor t, long[] dims) {
        int[] from = Arrays.stream(dims).mapToInt(d -> Shapes.wrapDim(d, t.dim())).sorted().toArray();
        Tensor out = t;
        for (int i = from.length - 1; i >= 0; i--) out = Views.squeeze(out, from[i]);
        return out;
    }

    private static Object stft(Args a) {
        if (a.boolOr(8, false)) {
            throw new UnsupportedException("aten::stft was called with align_to_window=True, which is not implemented; "
                + "export the model with align_to_window=False", List.of("aten::stft"));
        }
        Object[] old = new Object[8];
        for (int i = 0; i < old.length; i++) old[i] = a.get(i);
        return a.context().call("aten::stft", old);
    }
}
