package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Meta;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;

/** The dimensions a reduction names in its arguments, and the shapes they give. */
final class Dims {
    private Dims() {}

    /** True for each dimension in the list; all of them if it is null or empty. */
    static boolean[] mask(int rank, long[] dims) {
        boolean[] mask = new boolean[rank];
        if (dims == null || dims.length == 0) {
            Arrays.fill(mask, true);
            return mask;
        }
        boolean[] seen = new boolean[Math.max(1, rank)];
        for (long dim : dims) {
            int d = Shapes.wrapDim(dim, rank);
            if (seen[d]) throw new ScriptError("dim " + d + " appears multiple times in the list of dims");
            seen[d] = true;
            if (rank > 0) mask[d] = true;
        }
        return mask;
    }

    static boolean[] all(Tensor t) { return mask(t.dim(), null); }

    /** One dimension, or all if the argument is None. */
    static boolean[] one(Args a, int dim) {
        int rank = a.tensor(0).dim();
        return mask(rank, a.isNone(dim) ? null : new long[] {a.int64(dim)});
    }

    /** A list of dimensions, all if it is None or empty. */
    static boolean[] list(Args a, int dims) { return mask(a.tensor(0).dim(), a.longs(dims)); }

    /** The sizes left after a reduction. */
    static long[] sizes(Tensor t, boolean[] mask, boolean keepdim) {
        long[] out = new long[t.dim()];
        int n = 0;
        for (int d = 0; d < t.dim(); d++) {
            if (!mask[d]) out[n++] = t.sizes()[d];
            else if (keepdim) out[n++] = 1;
        }
        return Arrays.copyOf(out, n);
    }

    static Meta meta(ScalarType type, Tensor t, boolean[] mask, boolean keepdim) { return Meta.of(type, sizes(t, mask, keepdim)); }

    /** How many elements go into one result. */
    static long count(Tensor t, boolean[] mask) {
        long n = 1;
        for (int d = 0; d < t.dim(); d++) if (mask[d]) n *= t.sizes()[d];
        return n;
    }

    static void requireElements(Tensor t, boolean[] mask, String operator) {
        if (count(t, mask) == 0 && Shapes.numel(sizes(t, mask, false)) > 0) {
            throw new ScriptError("IndexError", operator + "(): Expected reduction dim to have non-zero size, got a tensor of shape "
                + Arrays.toString(t.sizes()));
        }
    }

    /** The tensor itself, or a row-major copy. */
    static Tensor contiguous(CallContext context, Tensor t) {
        if (t.isContiguous()) return t;
        Tensor copy = context.empty(t.dtype(), t.sizes());
        Elementwise.copy(context, t, copy);
        return copy;
    }

    /** The tensor itself, or a copy with another element type. */
    static Tensor as(CallContext context, Tensor t, ScalarType type) {
        if (t.dtype() == type) return t;
        Tensor copy = context.empty(type, t.sizes());
        Elementwise.copy(context, t, copy);
        return copy;
    }

    /** A tensor of the result's type if loading its elements one by one would not round them as the conversion does. */
    static Tensor forSum(CallContext context, Tensor t, ScalarType result) {
        return t.dtype().isFloating() && result.isIntegral() || t.dtype().isComplex() != result.isComplex()
            ? as(context, t, result) : t;
    }
}
