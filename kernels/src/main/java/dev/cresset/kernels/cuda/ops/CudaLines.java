package dev.cresset.kernels.cuda.ops;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.cuda.code.ScanKernels;
import dev.cresset.kernels.cuda.code.SortKernels;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;

/** Operators along one dimension of tensors on a CUDA device, whose lines they keep: running sums and sorting. */
public final class CudaLines {
    private CudaLines() {}

    /**
     * The other dimensions of tensors that differ in size only along the line's.
     *
     * @param strides of each tensor within a line
     */
    private record Lines(MergedDims others, long[] strides) {
        static Lines of(int dim, Tensor... tensors) {
            long[][] others = new long[tensors.length][];
            long[] strides = new long[tensors.length];
            for (int k = 0; k < tensors.length; k++) {
                others[k] = dim < 0 ? new long[0] : Views.without(tensors[k].strides(), dim);
                strides[k] = dim < 0 ? 1 : tensors[k].strides()[dim];
            }
            long[] sizes = dim < 0 ? new long[0] : Views.without(tensors[0].sizes(), dim);
            return new Lines(MergedDims.of(sizes, others), strides);
        }
    }

    /** The line's dimension; -1 in a tensor without dimensions. */
    private static int dim(Tensor t, long dim) {
        int d = Shapes.wrapDim(dim, t.dim());
        return t.dim() == 0 ? -1 : d;
    }

    private static long length(Tensor t, int dim) { return dim < 0 ? 1 : t.sizes()[dim]; }

    /** Running folds; computed in the type of the result. @param indices takes those of extremes, or null */
    public static void scan(CallContext context, ScanKernels.Operator o, Tensor self, long dim, Tensor out, Tensor indices) {
        if (self.numel() == 0) return;
        Tensor in = self;
        boolean rounds = self.dtype().isFloating() && out.dtype().isIntegral();
        if (rounds || Expr.compute(self.dtype()) != Expr.compute(out.dtype())) {
            in = context.empty(out.dtype(), self.sizes());
            Elementwise.copy(context, self, in);
        }
        int d = dim(in, dim);
        Tensor third = indices == null ? out : indices;
        Lines lines = Lines.of(d, in, out, third);
        long[][] strides = lines.others.strides();
        long[] slots = new ScanKernels.Arguments(in.address(), out.address(), indices == null ? 0 : indices.address(), length(in, d), lines.others.sizes(),
            strides[0], strides[1], strides[2], lines.strides[0], lines.strides[1], lines.strides[2]).slots();
        stream(context).launch(ScanKernels.kernel(o, in.dtype(), out.dtype()), slots, lines.others.count());
    }

    /**
     * Stable sorting of lines, or their first elements in that order.
     *
     * @param values  takes the elements; null if only their places are wanted, likewise {@code indices}
     */
    public static void sort(CallContext context, Tensor in, long dim, boolean descending, Tensor values, Tensor indices) {
        Tensor some = values != null ? values : indices;
        if (some.numel() == 0) return;
        int d = dim(in, dim);
        long length = length(in, d);
        Lines lines = Lines.of(d, in, values != null ? values : indices, indices != null ? indices : values);
        long count = lines.others.count(), half = Math.ceilDiv(SortKernels.halfBytes(count, length), 8L) * 8;
        long from = context.empty(ScalarType.UINT8, half).address();
        long to = SortKernels.runs(length).isEmpty() ? 0 : context.empty(ScalarType.UINT8, half).address();
        CudaStream stream = stream(context);
        stream.launch(SortKernels.tiles(in.dtype()), slots(in, values, indices, lines, 0, from, length, length(some, d), descending, 0),
            count * SortKernels.tilesOf(length));
        for (long run : SortKernels.runs(length)) {
            stream.launch(SortKernels.merge(), slots(in, values, indices, lines, from, to, length, length(some, d), descending, run), count * length);
            long swap = from;
            from = to;
            to = swap;
        }
        stream.launch(SortKernels.store(in.dtype()), slots(in, values, indices, lines, from, 0, length, length(some, d), descending, 0), some.numel());
    }

    private static long[] slots(Tensor in, Tensor values, Tensor indices, Lines lines, long from, long to, long length, long kept, boolean descending,
        long run) {
        long[][] strides = lines.others.strides();
        return new SortKernels.Arguments(in.address(), values == null ? 0 : values.address(), indices == null ? 0 : indices.address(), from, to, length,
            kept, descending, run, lines.others.sizes(), strides[0], strides[1], strides[2], lines.strides[0], lines.strides[1], lines.strides[2]).slots();
    }

    private static CudaStream stream(CallContext context) { return ((CudaCall) context.deviceCall()).stream(); }
}
