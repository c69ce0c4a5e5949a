package dev.cresset.kernels.cuda.ops;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.code.DistanceKernels;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;

/** Distances of all vectors of one set to all of another, on a CUDA device. */
public final class CudaDistance {
    private CudaDistance() {}

    /**
     * @param x   […, rows, length]
     * @param y   […, columns, length]; batch dimensions broadcast
     * @param out […, rows, columns], row-major
     */
    public static void run(CallContext context, Tensor x, Tensor y, double order, Tensor out) {
        if (out.numel() == 0) return;
        if (!out.dtype().isFloating()) {
            Tensor real = context.empty(ScalarType.FLOAT64, out.sizes());
            run(context, x, y, order, real);
            Elementwise.copy(context, real, out);
            return;
        }
        long rows = out.size(-2), columns = out.size(-1);
        Tensor left = dense(context, x, out, -2), right = dense(context, y, out, -1);
        long[] slots = new DistanceKernels.Rows(left.address(), right.address(), out.address(), out.numel() / rows / columns, rows, columns, x.size(-1),
            order).slots();
        ((CudaCall) context.deviceCall()).stream().launch(DistanceKernels.rows(out.dtype()), slots, out.numel());
    }

    /** The vectors of all batches, row-major. @param dim of the result where these vectors are counted */
    private static Tensor dense(CallContext context, Tensor t, Tensor out, int dim) {
        long[] sizes = out.sizes().clone();
        sizes[sizes.length - 2] = out.size(dim);
        sizes[sizes.length - 1] = t.size(-1);
        Tensor wide = Views.expand(t, sizes);
        if (wide.isContiguous() && t.dtype() == out.dtype()) return wide;
        Tensor copy = context.empty(out.dtype(), sizes);
        Elementwise.copy(context, wide, copy);
        return copy;
    }

    /** The distances of each vector to all later ones of its set. @param x [n, length] @param out [n (n - 1) / 2] */
    public static void pairs(CallContext context, Tensor x, double order, Tensor out) {
        if (out.numel() == 0) return;
        long n = x.size(0);
        Tensor all = context.empty(out.dtype(), n, n);
        run(context, x, x, order, all);
        Tensor upper = context.tensor("aten::triu_indices", n, n, 1L, null, null, context.device());
        Object rows = Views.select(upper, 0, 0), columns = Views.select(upper, 0, 1);
        Elementwise.copy(context, context.tensor("aten::index.Tensor", all, Arrays.asList(rows, columns)), out);
    }
}
