package dev.cresset.kernels.cuda.ops;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.cuda.code.AttentionKernels;
import dev.cresset.kernels.cuda.code.AttentionKernels.Mask;
import dev.cresset.kernels.cuda.code.AttentionKernels.Parts;
import dev.cresset.kernels.cuda.code.AttentionKernels.Stack;
import dev.cresset.kernels.cuda.code.FamilyKernel;
import dev.cresset.kernels.cuda.code.Sums;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;

/** Attention on a CUDA device as one kernel: softmax(scale · query · keyᵀ, masked) · value. */
public final class CudaAttention {
    private static final int MOST_DIMS = 2 + FamilyKernel.MAX_DIMS;
    /** The kernels count rows in 32 bits. */
    private static final long MOST_ROWS = 1 << 30;

    private CudaAttention() {}

    /**
     * What there is besides tensors.
     *
     * @param hidden      what a score is where a bool mask is false
     * @param causal      row i sees keys up to i
     * @param emptyIsZero a row that sees no key gives zeros, not NaN
     */
    public record Form(double scale, double hidden, boolean causal, boolean emptyIsZero) {}

    /** True if there is a kernel for tensors of these types and sizes, wherever their elements lie. @param mask null if there is none */
    public static boolean suits(Tensor query, Tensor key, Tensor value, Tensor mask) {
        ScalarType t = query.dtype();
        if (!hasRank(query) || !hasRank(key) || !hasRank(value) || mask != null && mask.dim() > MOST_DIMS) return false;
        if (key.dtype() != t || value.dtype() != t || !AttentionKernels.suits(t, query.size(-1), value.size(-1))) return false;
        boolean sizes = key.size(-1) == query.size(-1) && key.size(-2) == value.size(-2) && key.size(-2) > 0
            && Math.max(key.size(-2), query.size(-2)) <= MOST_ROWS;
        return sizes && (mask == null || (mask.dtype() == t || mask.dtype() == ScalarType.BOOL) && isNear(mask));
    }

    /** The kernel finds the keys of a tile in a mask by 32 bits. */
    private static boolean isNear(Tensor mask) { return mask.dim() == 0 || mask.strides()[mask.dim() - 1] <= Integer.MAX_VALUE; }

    private static boolean hasRank(Tensor t) { return t.dim() >= 2 && t.dim() <= MOST_DIMS; }

    /**
     * Runs it.
     *
     * @param query [batch…, rows, width], @param key [batch…, keys, width], @param value [batch…, keys, value width]; batch dimensions
     *              broadcast to those of {@code out}, and all are as {@link #suits} says
     * @param mask  broadcasts to [batch…, rows, keys]; of the query's type or bool, or null
     * @param out   [batch…, rows, value width], elements of a row side by side
     */
    public static void run(CallContext context, Tensor query, Tensor key, Tensor value, Tensor mask, Form form, Tensor out) {
        if (out.numel() == 0) return;
        long[] batch = Arrays.copyOf(out.sizes(), out.dim() - 2);
        Tensor q = side(context, query, batch), k = side(context, key, batch), v = side(context, value, batch);
        Tensor m = mask == null ? null : Views.expand(mask, full(batch, q.size(-2), k.size(-2)));
        int rank = batch.length;
        MergedDims dims = MergedDims.of(batch, outer(q, rank), outer(k, rank), outer(v, rank), outer(out, rank), m == null ? new long[rank] : outer(m, rank));
        launch(context, q, k, v, m, form, out, dims);
    }

    private static void launch(CallContext context, Tensor q, Tensor k, Tensor v, Tensor m, Form form, Tensor out, MergedDims dims) {
        CudaStream stream = CudaCall.stream(context);
        ScalarType t = q.dtype();
        long width = Math.max(q.size(-1), v.size(-1)), rows = q.size(-2), keys = k.size(-2);
        int pack = 16 / t.byteSize();
        boolean isAligned = q.size(-1) % pack == 0 && v.size(-1) % pack == 0 && areAligned(pack, dims, q, k, v, out);
        Sums sums = isAligned ? AttentionKernels.sums(Sums.fastest(t, stream.owner().capability(), CudaCall.precision(context)), width) : Sums.PLAIN;
        Parts parts = Parts.of(dims.count(), rows, keys);
        long states = parts.count() == 1 ? 0
            : context.empty(ScalarType.FLOAT32, AttentionKernels.states(dims.count(), rows, v.size(-1), parts)).address();
        Mask kind = m == null ? Mask.NONE : m.dtype() == ScalarType.BOOL ? Mask.BOOL : Mask.ADDED;
        Stack mask = m == null ? new Stack(0, dims.strides()[4], 0) : new Stack(m.address(), dims.strides()[4], m.strides()[m.dim() - 2]);
        var arguments = new AttentionKernels.Arguments(stack(q, dims, 0), stack(k, dims, 1), stack(v, dims, 2), stack(out, dims, 3), kind, mask,
            m == null ? 0 : m.strides()[m.dim() - 1], states, dims.sizes(), rows, keys, q.size(-1), v.size(-1), parts, areAligned(4, dims, q, k, v, out),
            form.scale, form.hidden, form.causal, form.emptyIsZero);
        stream.launch(AttentionKernels.of(sums, t, width), arguments.slots(), arguments.items());
        if (parts.count() > 1) stream.launch(AttentionKernels.join(t), arguments.slots(), arguments.elements());
    }

    /** With the batch dimensions, and elements of a row side by side. */
    private static Tensor side(CallContext context, Tensor t, long[] batch) {
        Tensor near = t.strides()[t.dim() - 1] != 1 && t.size(-1) > 1 ? context.tensor("aten::contiguous", t) : t;
        return Views.expand(near, full(batch, t.size(-2), t.size(-1)));
    }

    private static long[] full(long[] batch, long rows, long columns) {
        long[] out = Arrays.copyOf(batch, batch.length + 2);
        out[batch.length] = rows;
        out[batch.length + 1] = columns;
        return out;
    }

    private static long[] outer(Tensor t, int rank) { return Arrays.copyOf(t.strides(), rank); }

    private static Stack stack(Tensor t, MergedDims dims, int which) { return new Stack(t.address(), dims.strides()[which], t.strides()[t.dim() - 2]); }

    /** True if all rows begin at multiples of so many elements. @param tensors as their strides are in {@code dims} */
    private static boolean areAligned(int elements, MergedDims dims, Tensor... tensors) {
        for (int i = 0; i < tensors.length; i++) {
            Tensor t = tensors[i];
            if (t.address() % ((long) elements * t.dtype().byteSize()) != 0) return false;
            if (t.size(-2) > 1 && t.strides()[t.dim() - 2] % elements != 0) return false;
            for (long s : dims.strides()[i]) if (s % elements != 0) return false;
        }
        return true;
    }

    /** The sizes of the result: batch dimensions broadcast, those of the mask among them. @param mask null if there is none */
    public static long[] sizes(Tensor query, Tensor key, Tensor value, Tensor mask) {
        long[] batch = Shapes.broadcast(batch(query), Shapes.broadcast(batch(key), batch(value)));
        if (mask != null && mask.dim() > 2) batch = Shapes.broadcast(batch, batch(mask));
        return full(batch, query.size(-2), value.size(-1));
    }

    private static long[] batch(Tensor t) { return Arrays.copyOf(t.sizes(), t.dim() - 2); }
}
