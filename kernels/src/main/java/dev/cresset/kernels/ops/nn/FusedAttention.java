package dev.cresset.kernels.ops.nn;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.ops.CudaAttention;
import dev.cresset.kernels.cuda.ops.CudaAttention.Form;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;

/** softmax(scale · query · keyᵀ, masked) · value as an operator, PyTorch's and our own: one kernel on a device, other operators elsewhere. */
final class FusedAttention implements OpFamily {
    /**
     * Our own is what plans for a device put in the place of such operators. A bool mask gives the scores where it is false the value
     * {@code hidden}, any other is added; with {@code empty_is_zero} a row that sees no key gives zeros, not NaN. The result lies as the
     * query does, so that heads are split and joined by views.
     */
    @Override public void declare(Catalog ops) {
        ops.op("cresset::attention(Tensor query, Tensor key, Tensor value, Tensor? mask, float scale, float hidden, bool is_causal, "
            + "bool empty_is_zero) -> Tensor").kernel(FusedAttention::shape, FusedAttention::fromOthers).cuda(FusedAttention::onDevice);
        ops.op("aten::scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, "
            + "float dropout_p=0., bool is_causal=False, *, float? scale=None, bool enable_gqa=False) -> Tensor")
            .composite(FusedAttention::scaledDotProduct);
    }

    // ---- PyTorch's operator

    private static Object scaledDotProduct(Args a) {
        CallContext c = a.context();
        Tensor query = a.tensor(0), key = a.tensor(1), value = a.tensor(2), mask = a.tensorOrNull(3);
        boolean causal = a.bool(5);
        if (causal && mask != null) throw new ScriptError("scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True");
        if (a.bool(7)) {
            key = c.tensor("aten::repeat_interleave.self_int", key, query.size(-3) / key.size(-3), -3, null);
            value = c.tensor("aten::repeat_interleave.self_int", value, query.size(-3) / value.size(-3), -3, null);
        }
        Form form = new Form(a.float64Or(6, 1 / Math.sqrt(query.size(-1))), Double.NEGATIVE_INFINITY, causal, false);
        boolean fused = a.float64(4) == 0 && isFused(c, query, key, value, mask);
        return fused ? run(c, query, key, value, mask, form) : composed(c, query, key, value, mask, form, a.float64(4));
    }

    /** True if {@link #run} may be called: on a device, with tensors that its kernel takes. @param mask null if there is none */
    static boolean isFused(CallContext c, Tensor query, Tensor key, Tensor value, Tensor mask) {
        return c.isOnDevice() && CudaAttention.suits(query, key, value, mask);
    }

    /** By one kernel; row-major, as the other operators give it. */
    static Tensor run(CallContext c, Tensor query, Tensor key, Tensor value, Tensor mask, Form form) {
        Tensor out = c.empty(query.dtype(), CudaAttention.sizes(query, key, value, mask));
        CudaAttention.run(c, query, key, value, mask, form, out);
        return out;
    }

    private static Tensor composed(CallContext c, Tensor query, Tensor key, Tensor value, Tensor mask, Form form, double dropout) {
        Tensor seen = mask;
        if (form.causal()) {
            seen = c.tensor("aten::tril", c.tensor("aten::ones", new long[] {query.size(-2), key.size(-2)}, ScalarType.BOOL), 0);
        }
        Tensor scores = c.tensor("aten::mul.Scalar", c.tensor("aten::matmul", query, Views.transpose(key, -2, -1)), form.scale());
        if (seen != null) scores = masked(c, scores, seen, form.hidden());
        return weighted(c, scores, value, form.emptyIsZero(), dropout);
    }

    private static Tensor masked(CallContext c, Tensor scores, Tensor mask, double hidden) {
        if (mask.dtype() != ScalarType.BOOL) return c.tensor("aten::add.Tensor", scores, mask, 1);
        return c.tensor("aten::masked_fill.Scalar", scores, c.tensor("aten::logical_not", mask), hidden);
    }

    /** softmax(scores) · value, divided by the sums after the product, as the fused kernels of PyTorch 2 do. */
    private static Tensor weighted(CallContext c, Tensor scores, Tensor value, boolean emptyIsZero, double dropout) {
        long[] last = {-1};
        Tensor highest = c.tensor("aten::amax", scores, last, true);
        Tensor weights = c.tensor("aten::exp", c.tensor("aten::sub.Tensor", scores, highest, 1));
        Tensor sums = c.tensor("aten::sum.dim_IntList", weights, last, true, null);
        if (dropout > 0) weights = c.tensor("aten::dropout", weights, dropout, true);
        Tensor out = c.tensor("aten::div.Tensor", c.tensor("aten::matmul", weights, value), sums);
        if (!emptyIsZero) return out;
        return c.tensor("aten::masked_fill.Scalar", out, c.tensor("aten::eq.Scalar", highest, Double.NEGATIVE_INFINITY), 0.0);
    }

    // ---- our own

    private static Meta shape(Args a) {
        Tensor query = a.tensor(0), key = a.tensor(1), value = a.tensor(2);
        if (key.size(-1) != query.size(-1) || value.size(-2) != key.size(-2)) {
            throw new ScriptError("cresset::attention expected rows of query and key of one length, and a value for each key, got "
                + Arrays.toString(query.sizes()) + ", " + Arrays.toString(key.sizes()) + ", " + Arrays.toString(value.sizes()));
        }
        long[] sizes = CudaAttention.sizes(query, key, value, a.tensorOrNull(3));
        int rank = sizes.length;
        boolean ordered = query.dim() == rank && Arrays.equals(Arrays.copyOf(query.sizes(), rank - 1), Arrays.copyOf(sizes, rank - 1));
        long[] strides = ordered ? Shapes.denseStrides(sizes, query.strides()) : Shapes.contiguousStrides(sizes);
        return strides[rank - 1] == 1 ? new Meta(query.dtype(), sizes, strides) : Meta.of(query.dtype(), sizes);
    }

    private static Form form(Args a) { return new Form(a.float64(4), a.float64(5), a.bool(6), a.bool(7)); }

    private static void fromOthers(Args a, Tensor out) {
        Elementwise.copy(a.context(), composed(a.context(), a.tensor(0), a.tensor(1), a.tensor(2), a.tensorOrNull(3), form(a), 0), out);
    }

    private static void onDevice(Args a, Tensor out) {
        Tensor query = a.tensor(0), key = a.tensor(1), value = a.tensor(2), mask = a.tensorOrNull(3);
        if (CudaAttention.suits(query, key, value, mask)) CudaAttention.run(a.context(), query, key, value, mask, form(a), out);
        else fromOthers(a, out);
    }
}
