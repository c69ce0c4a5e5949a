package dev.cresset.kernels.cuda.ops;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.cuda.NestLaunch;
import dev.cresset.kernels.cuda.code.NormKernels;
import dev.cresset.kernels.cuda.code.RowNests;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.fuse.LoopNest;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.List;

/** softmax and normalisation of rows on a CUDA device. */
public final class CudaRows {
    private CudaRows() {}

    /** softmax along a dimension, or its logarithm. */
    public static void softmax(CallContext context, Tensor self, long dim, boolean log, Tensor out) {
        if (out.numel() == 0) return;
        Tensor in = lastDim(self, dim), to = lastDim(out, dim);
        LoopNest nest = RowNests.softmax(in.sizes(), new LoopNest.Operand(in.dtype(), in.offset(), in.strides()), to.dtype(), to.offset(), to.strides(), log);
        NestLaunch.run(stream(context), nest, List.of(in, to));
    }

    private static Tensor lastDim(Tensor t, long dim) {
        int at = Shapes.wrapDim(dim, t.dim());
        return t.dim() == 0 ? Views.unsqueeze(t, 0) : Views.transpose(t, at, t.dim() - 1);
    }

    /**
     * Each of the rows that a tensor consists of, normalised: (x - mean) / √(variance + eps) · weight + bias.
     *
     * @param length   elements of a row
     * @param channels elements of weight and bias for a row: row r has those from (r · channels) on, modulo their number
     * @param out      dense, of the type of {@code self}
     * @param mean     takes the rows' means, or null; likewise {@code rstd} their 1 / √(variance + eps)
     */
    public static void normalize(CallContext context, Tensor self, long length, long channels, Tensor weight, Tensor bias, double eps, Tensor out,
        Tensor mean, Tensor rstd) {
        if (self.numel() == 0) return;
        Tensor in = dense(context, self, self.dtype());
        ScalarType type = weight == null && bias == null ? self.dtype() : weight == null ? bias.dtype()
            : bias == null ? weight.dtype() : ScalarType.promote(weight.dtype(), bias.dtype());
        Tensor w = dense(context, weight, type), b = dense(context, bias, type);
        long all = w != null ? w.numel() : b != null ? b.numel() : channels, rows = in.numel() / length;
        long[] slots = new NormKernels.Rows(in.address(), out.address(), address(w), address(b), address(mean), address(rstd), rows, length, channels,
            all, eps).slots();
        stream(context).launch(NormKernels.rows(in.dtype(), type), slots, rows);
    }

    private static long address(Tensor t) { return t == null ? 0 : t.address(); }

    private static Tensor dense(CallContext context, Tensor t, ScalarType type) {
        if (t == null || t.isContiguous() && t.dtype() == type) return t;
        Tensor copy = context.empty(type, t.sizes());
        Elementwise.copy(context, t, copy);
        return copy;
    }

    private static CudaStream stream(CallContext context) { return ((CudaCall) context.deviceCall()).stream(); }
}
