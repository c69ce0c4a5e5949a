package dev.cresset.kernels.ops.nn;

import dev.cresset.ir.diag.ScriptError;
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
        ops.op("aten::scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, "
            + "float dropout_p=0., bool is_causal=False, *, float? scale=None, bool enable_gqa=False) -> Tensor")
            .composite(LaterOps::attention);
        ops.op("aten::rms_norm(Tensor input, int[] normalized_shape, Tensor? weight=None, float? eps=None) -> Tensor")
            .composite(LaterOps::rmsNorm);
        ops.op("aten::squeeze.dims(Tensor(a) self, int[] dim) -> Tensor(a)").host(a -> squeeze(a.tensor(0), a.longs(1)));
        ops.op("aten::stft.aligned(Tensor self, int n_fft, int? hop_length, int? win_length, Tensor? window, "
            + "bool normalized, bool? onesided, bool? return_complex, bool? align_to_window) -> Tensor")
            .composite(LaterOps::stft);
    }

    private static Object attention(Args a) {
        CallContext c = a.context();
        Tensor query = a.tensor(0), key = a.tensor(1), value = a.tensor(2), mask = a.tensorOrNull(3);
        double scale = a.float64Or(6, 1 / Math.sqrt(query.size(-1)));
        if (a.bool(7)) {
            key = c.tensor("aten::repeat_interleave.self_int", key, query.size(-3) / key.size(-3), -3, null);
            value = c.tensor("aten::repeat_interleave.self_int", value, query.size(-3) / value.size(-3), -3, null);
        }
        if (a.bool(5)) {
            if (mask != null) throw new ScriptError("scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True");
            mask = c.tensor("aten::tril", c.tensor("aten::ones", new long[] {query.size(-2), key.size(-2)}, ScalarType.BOOL), 0);
        }
        Tensor scores = c.tensor("aten::mul.Scalar", c.tensor("aten::matmul", query, Views.transpose(key, -2, -1)), scale);
        return weighted(c, masked(c, scores, mask), value, a.float64(4));
    }

    private static Tensor masked(CallContext c, Tensor scores, Tensor mask) {
        if (mask == null) return scores;
        if (mask.dtype() != ScalarType.BOOL) return c.tensor("aten::add.Tensor", scores, mask, 1);
        return c.tensor("aten::masked_fill.Scalar", scores, c.tensor("aten::logical_not", mask), Double.NEGATIVE_INFINITY);
    }

    /** softmax(scores) · value, divided by the sums after the product, as the fused kernels of PyTorch 2 do. */
    private static Tensor weighted(CallContext c, Tensor scores, Tensor value, double dropout) {
        long[] last = {-1};
        Tensor highest = c.tensor("aten::amax", scores, last, true);
        Tensor weights = c.tensor("aten::exp", c.tensor("aten::sub.Tensor", scores, highest, 1));
        Tensor sums = c.tensor("aten::sum.dim_IntList", weights, last, true, null);
        if (dropout > 0) weights = c.tensor("aten::dropout", weights, dropout, true);
        return c.tensor("aten::div.Tensor", c.tensor("aten::matmul", weights, value), sums);
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
