package dev.cresset.kernels.ops.nn;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.ops.CudaAttention;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;

/** Attention, and the fused forms that PyTorch's transformer modules call when they evaluate. */
final class AttentionOps implements OpFamily {
    /** What a mask of a multi-head attention says. */
    private static final int MASK_OF_PAIRS = 0, MASK_OF_KEYS = 1;

    @Override public void declare(Catalog ops) {
        String arguments = "(Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, float dropout_p=0., "
            + "bool need_attn_weights=False, bool is_causal=False) -> (Tensor, Tensor)";
        for (String suffix : new String[] {"", "_forward", "_math"}) {
            ops.op("aten::_scaled_dot_product_attention" + suffix + arguments).composite(AttentionOps::scaledDotProduct);
        }
        ops.op("aten::_native_multi_head_attention(Tensor query, Tensor key, Tensor value, int embed_dim, int num_head, "
            + "Tensor qkv_weight, Tensor qkv_bias, Tensor proj_weight, Tensor proj_bias, Tensor? mask=None, bool need_weights=True, "
            + "bool average_attn_weights=True, int? mask_type=None) -> (Tensor, Tensor)").composite(AttentionOps::multiHead);
        ops.op("aten::_transformer_encoder_layer_fwd(Tensor src, int embed_dim, int num_heads, Tensor qkv_weight, Tensor qkv_bias, "
            + "Tensor proj_weight, Tensor proj_bias, bool use_gelu, bool norm_first, float eps, Tensor norm_weight_1, "
            + "Tensor norm_bias_1, Tensor norm_weight_2, Tensor norm_bias_2, Tensor ffn_weight_1, Tensor ffn_bias_1, "
            + "Tensor ffn_weight_2, Tensor ffn_bias_2, Tensor? mask=None, int? mask_type=None) -> Tensor")
            .composite(AttentionOps::encoderLayer);
        ops.op("aten::_nested_tensor_from_mask_left_aligned(Tensor t, Tensor mask) -> bool")
            .host(a -> leftAligned(a.context(), a.tensor(1)));
    }

    private static Object scaledDotProduct(Args a) {
        CallContext c = a.context();
        Tensor q = a.tensor(0), k = a.tensor(1), v = a.tensor(2), mask = a.tensorOrNull(3);
        if (a.bool(6)) {
            if (mask != null) throw new ScriptError("_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True");
            Tensor ones = c.tensor("aten::ones", new long[] {q.size(-2), k.size(-2)}, (long) ScalarType.BOOL.code(), null, null, null);
            mask = c.tensor("aten::tril", ones, 0);
        }
        double scale = 1 / Math.sqrt(q.size(-1));
        Tensor scores = c.tensor("aten::matmul", c.tensor("aten::mul.Scalar", q, scale), Views.transpose(k, -2, -1));
        if (mask != null && mask.dtype() == ScalarType.BOOL) {
            scores = c.tensor("aten::masked_fill.Scalar", scores, c.tensor("aten::logical_not", mask), Double.NEGATIVE_INFINITY);
        } else if (mask != null) {
            scores = c.tensor("aten::add.Tensor", scores, mask, 1);
        }
        Tensor weights = c.tensor("aten::softmax.int", scores, -1, null);
        if (a.float64(4) > 0) weights = c.tensor("aten::dropout", weights, a.float64(4), true);
        return new Object[] {c.tensor("aten::matmul", weights, v), weights};
    }

    /** True if in no row something follows a gap: then no element is greater than the one before it. */
    private static boolean leftAligned(CallContext c, Tensor mask) {
        Tensor m = c.tensor("aten::to.dtype", mask, (long) ScalarType.INT64.code());
        Tensor rises = c.tensor("aten::gt.Scalar", c.tensor("aten::diff", m), 0);
        return !(Boolean) c.call("aten::item", c.tensor("aten::any", rises));
    }

    private static Object multiHead(Args a) {
        Attention t = new Attention(a.context(), a.int64(3), a.int64(4), a.tensor(5), a.tensor(6), a.tensor(7), a.tensor(8),
            a.tensorOrNull(9), a.int64Or(12, -1));
        Tensor[] out = t.run(a.tensor(0), a.tensor(1), a.tensor(2), a.bool(10));
        if (!a.bool(10)) return new Object[] {out[0], null};
        if (!a.bool(11)) return out;
        return new Object[] {out[0], a.context().tensor("aten::mean.dim", out[1], new long[] {1}, false, null)};
    }

    /** The parameters of a multi-head attention. */
    private record Attention(CallContext c, long width, long heads, Tensor weight, Tensor bias, Tensor outWeight, Tensor outBias,
        Tensor mask, long maskType) {
        /** Result [batch, length, width], and weights [batch, heads, length, source length] or null if nobody needs them. */
        Tensor[] run(Tensor query, Tensor key, Tensor value, boolean needWeights) {
            if (query.dim() != 3) throw new ScriptError("expected 3-D `query`, got " + query.dim() + "-D tensor");
            if (query.size(2) != width || width % heads != 0) {
                throw new ScriptError("passed-in embed_dim " + width + " didn't match last dim of query " + query.size(2)
                    + ", or is not a multiple of " + heads + " heads");
            }
            Tensor q, k, v;
            if (query == key && key == value) {
                Tensor all = c.tensor("aten::linear", query, weight, bias);
                q = split(Views.narrow(all, 2, 0, width));
                k = split(Views.narrow(all, 2, width, width));
                v = split(Views.narrow(all, 2, 2 * width, width));
            } else {
                q = split(part(query, 0));
                k = split(part(key, 1));
                v = split(part(value, 2));
            }
            double scale = 1 / Math.sqrt(width / heads);
            Tensor hidden = hidden(new long[] {q.size(0), heads, q.size(2), k.size(2)});
            if (!needWeights && FusedAttention.isFused(c, q, k, v, hidden)) {
                Tensor seen = hidden == null ? null : c.tensor("aten::logical_not", hidden);
                CudaAttention.Form form = new CudaAttention.Form(scale, Double.NEGATIVE_INFINITY, false, true);
                return new Tensor[] {joined(FusedAttention.run(c, q, k, v, seen, form)), null};
            }
            Tensor weights = softmax(c.tensor("aten::matmul", c.tensor("aten::mul.Scalar", q, scale), Views.transpose(k, -2, -1)), hidden);
            return new Tensor[] {joined(c.tensor("aten::matmul", weights, v)), weights};
        }

        private Tensor joined(Tensor heads) {
            Tensor flat = c.tensor("aten::reshape", Views.permute(heads, 0, 2, 1, 3), new long[] {heads.size(0), heads.size(2), width});
            return c.tensor("aten::linear", flat, outWeight, outBias);
        }

        private Tensor part(Tensor x, int i) {
            return c.tensor("aten::linear", x, Views.narrow(weight, 0, i * width, width), Views.narrow(bias, 0, i * width, width));
        }

        /** [batch, heads, length, width of a head] */
        private Tensor split(Tensor t) {
            return Views.permute(Views.view(t, t.size(0), t.size(1), heads, width / heads), 0, 2, 1, 3);
        }

        /** The scores that the mask marks, or null. @param scores their sizes */
        private Tensor hidden(long[] scores) {
            if (mask == null) return null;
            Tensor hidden = mask.dtype() == ScalarType.BOOL ? mask : c.tensor("aten::ne.Scalar", mask, 0);
            if (maskType == MASK_OF_KEYS) return Views.unsqueeze(Views.unsqueeze(hidden, 1), 1);
            if (maskType != MASK_OF_PAIRS && !Arrays.equals(hidden.sizes(), scores)) {
                throw new ScriptError("Mask shape should match input. mask: " + Arrays.toString(hidden.sizes()) + " input: " + Arrays.toString(scores));
            }
            return hidden;
        }

        /** What is hidden gets no weight, even where all is. */
        private Tensor softmax(Tensor scores, Tensor hidden) {
            if (hidden == null) return c.tensor("aten::softmax.int", scores, -1, null);
            Tensor masked = c.tensor("aten::masked_fill.Scalar", scores, hidden, Double.NEGATIVE_INFINITY);
            return c.tensor("aten::masked_fill.Scalar", c.tensor("aten::softmax.int", masked, -1, null), hidden, 0.0);
        }
    }

    private static Object encoderLayer(Args a) {
        CallContext c = a.context();
        boolean normFirst = a.bool(8);
        Tensor src = a.tensor(0);
        Tensor x = normFirst ? norm(a, src, 10) : src;
        Tensor attended = new Attention(c, a.int64(1), a.int64(2), a.tensor(3), a.tensor(4), a.tensor(5), a.tensor(6), a.tensorOrNull(18),
            a.int64Or(19, -1)).run(x, x, x, false)[0];
        x = c.tensor("aten::add.Tensor", attended, src, 1);
        if (!normFirst) x = norm(a, x, 10);
        Tensor hidden = c.tensor("aten::linear", normFirst ? norm(a, x, 12) : x, a.tensor(14), a.tensor(15));
        hidden = a.bool(7) ? c.tensor("aten::gelu", hidden, "none") : c.tensor("aten::relu", hidden);
        x = c.tensor("aten::add.Tensor", c.tensor("aten::linear", hidden, a.tensor(16), a.tensor(17)), x, 1);
        return normFirst ? x : norm(a, x, 12);
    }

    private static Tensor norm(Args a, Tensor x, int weight) {
        return a.context().tensor("aten::layer_norm", x, new long[] {a.int64(1)}, a.tensor(weight), a.tensor(weight + 1), a.float64(9),
            true);
    }
}
