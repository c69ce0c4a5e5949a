package dev.cresset.kernels.cuda.ops;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.code.ProductKernels;
import dev.cresset.kernels.cuda.driver.Blas;
import dev.cresset.kernels.cuda.driver.ElementType;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;

/** Matrix products on a CUDA device: by cuBLAS for floats, by a plain kernel for all other number types. */
public final class CudaProduct {
    private CudaProduct() {}

    /**
     * C = beta · C + alpha · A · B (+ bias).
     *
     * @param a    […, m, k]
     * @param b    […, k, n]; batch dimensions of A and B broadcast to those of C
     * @param bias one number per column, or null; only with beta 0
     * @param c    […, m, n], not empty
     */
    public static void run(CallContext context, Tensor a, Tensor b, Tensor bias, double alpha, double beta, Tensor c) {
        if (bias != null) Elementwise.copy(context, Views.expand(bias, c.sizes()), c);
        double keep = bias != null ? 1 : beta;
        if (a.size(-1) == 0) {
            if (keep == 0) Elementwise.fill(context, c, 0L);
            else if (keep != 1) context.call("aten::mul_.Scalar", c, keep);
            return;
        }
        if (!hasLibrary(a.dtype())) {
            plain(context, a, b, alpha, keep, c);
            return;
        }
        MatrixLayout out = MatrixLayout.of(c, batch(c));
        if (out == null || out.transposed() || c.dtype() != a.dtype()) {
            Tensor own = context.empty(a.dtype(), c.sizes());
            if (keep != 0) Elementwise.copy(context, c, own);
            library(context, a, b, alpha, keep, own, MatrixLayout.of(own, batch(own)));
            Elementwise.copy(context, own, c);
        } else {
            library(context, a, b, alpha, keep, c, out);
        }
    }

    /** Whether NVIDIA's libraries compute with such elements. */
    static boolean hasLibrary(ScalarType t) {
        return switch (t) {
            case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 -> true;
            default -> false;
        };
    }

    private static long[] batch(Tensor c) { return Arrays.copyOf(c.sizes(), c.dim() - 2); }

    /** Row-major C = A B is column-major C' = B' A'. */
    private static void library(CallContext context, Tensor a, Tensor b, double alpha, double beta, Tensor c, MatrixLayout out) {
        long[] batch = batch(c);
        Tensor left = matrices(context, a, batch), right = matrices(context, b, batch);
        MatrixLayout l = MatrixLayout.of(left, batch), r = MatrixLayout.of(right, batch);
        int m = Math.toIntExact(c.size(-2)), n = Math.toIntExact(c.size(-1)), k = Math.toIntExact(a.size(-1));
        int count = Math.toIntExact(Shapes.numel(batch));
        ElementType type = ElementType.of(a.dtype());
        Blas.Compute compute = Blas.Compute.of(CudaCall.precision(context));
        CudaCall.stream(context).blas(blas -> {
            if (count == 1) {
                blas.gemm(type, compute, n, m, k, alpha, r.at(right), l.at(left), beta, out.at(c));
            } else {
                blas.gemmBatched(type, compute, n, m, k, alpha, r.at(right), r.distance(), l.at(left), l.distance(),
                    beta, out.at(c), out.distance(), count);
            }
        });
    }

    /** With all batch dimensions, as itself or as a copy. */
    private static Tensor matrices(CallContext context, Tensor t, long[] batch) {
        long[] shape = Arrays.copyOf(batch, batch.length + 2);
        shape[batch.length] = t.size(-2);
        shape[batch.length + 1] = t.size(-1);
        Tensor wide = Views.expand(t, shape);
        if (MatrixLayout.of(wide, batch) != null) return wide;
        Tensor copy = context.empty(t.dtype(), shape);
        Elementwise.copy(context, wide, copy);
        return copy;
    }

    private static void plain(CallContext context, Tensor a, Tensor b, double alpha, double beta, Tensor c) {
        boolean direct = alpha == 1 && beta == 0 && c.dtype() == a.dtype();
        Tensor product = direct ? c : context.empty(a.dtype(), c.sizes());
        int rank = c.dim();
        Tensor left = Views.expand(a, replaced(c.sizes(), rank - 1, a.size(-1))), right = Views.expand(b, replaced(c.sizes(), rank - 2, a.size(-1)));
        var arguments = new ProductKernels.Arguments(left.address(), right.address(), product.address(), a.size(-1), left.strides()[rank - 1],
            right.strides()[rank - 2], c.sizes(), replaced(left.strides(), rank - 1, 0), replaced(right.strides(), rank - 2, 0), product.strides());
        CudaCall.stream(context).launch(ProductKernels.product(a.dtype()), arguments.slots(), c.numel());
        if (direct) return;
        Tensor sum = alpha == 1 ? product : context.tensor("aten::mul.Scalar", product, scalar(a, alpha));
        if (beta != 0) sum = context.tensor("aten::add.Tensor", context.tensor("aten::mul.Scalar", c, scalar(a, beta)), sum, 1L);
        Elementwise.copy(context, sum, c);
    }

    private static long[] replaced(long[] v, int at, long value) {
        long[] out = v.clone();
        out[at] = value;
        return out;
    }

    private static Object scalar(Tensor a, double value) { return a.dtype().isIntegral() ? (Object) (long) value : value; }
}
