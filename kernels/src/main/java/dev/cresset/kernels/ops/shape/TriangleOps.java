package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.code.IndexKernels;
import dev.cresset.kernels.cuda.ops.CudaIndexing;
import dev.cresset.kernels.cuda.ops.CudaLayout;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.List;

/** Triangles and diagonals of matrices, one-hot rows, powers of a vector. */
final class TriangleOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        for (boolean lower : new boolean[] {true, false}) {
            String name = "aten::" + (lower ? "tril" : "triu");
            ops.op(name + "(Tensor self, int diagonal=0) -> Tensor")
                .kernel(a -> Meta.of(a.tensor(0).dtype(), a.tensor(0).sizes()), (a, out) ->
                triangle(a.tensor(0), a.int64(1), lower, out)).cuda((a, out) -> triangleOnDevice(a, lower, out))
                .alsoAs(name + ".out(Tensor self, int diagonal=0, *, Tensor(a!) out) -> Tensor(a!)");
            ops.op(name + "_(Tensor(a!) self, int diagonal=0) -> Tensor(a!)").composite(a -> {
                Elementwise.copy(a.context(), a.context().tensor(name, a.get(0), a.get(1)), a.tensor(0));
                return a.tensor(0);
            });
        }
        ops.op("aten::diag(Tensor self, int diagonal=0) -> Tensor").composite(TriangleOps::diag);
        ops.op("aten::diagflat(Tensor self, int offset=0) -> Tensor")
            .composite(a -> embed(a, ViewOps.reshape(a.context(), a.tensor(0), -1), a.int64(1), 0, 1));
        ops.op("aten::diag_embed(Tensor self, int offset=0, int dim1=-2, int dim2=-1) -> Tensor")
            .composite(a -> embed(a, a.tensor(0), a.int64(1), a.int64(2), a.int64(3)));
        ops.op("aten::fill_diagonal_(Tensor(a!) self, Scalar fill_value, bool wrap=False) -> Tensor(a!)")
            .composite(TriangleOps::fillDiagonal);
        ops.op("aten::one_hot(Tensor self, int num_classes=-1) -> Tensor").composite(TriangleOps::oneHot);
        ops.op("aten::vander(Tensor x, int? N=None, bool increasing=False) -> Tensor").composite(TriangleOps::vander);
        declareScatters(ops);
    }

    /** Copies of a tensor in which one view is replaced. */
    private static void declareScatters(Catalog ops) {
        ops.op("aten::select_scatter(Tensor self, Tensor src, int dim, int index) -> Tensor")
            .composite(a -> replaced(a, t -> Views.select(t, a.int64(2), a.int64(3))));
        ops.op("aten::slice_scatter(Tensor self, Tensor src, int dim=0, SymInt? start=None, SymInt? end=None, "
            + "SymInt step=1) -> Tensor")
            .composite(a ->
            replaced(a, t -> Views.slice(t, a.int64(2), a.int64Or(3, 0), a.int64Or(4, Long.MAX_VALUE), a.int64(5))));
        ops.op("aten::diagonal_scatter(Tensor self, Tensor src, int offset=0, int dim1=0, int dim2=1) -> Tensor")
            .composite(a -> replaced(a, t -> Views.diagonal(t, a.int64(2), a.int64(3), a.int64(4))));
    }

    private static Tensor replaced(Args a, java.util.function.UnaryOperator<Tensor> view) {
        Tensor out = ViewOps.copy(a.context(), a.tensor(0));
        Tensor place = view.apply(out);
        if (!java.util.Arrays.equals(place.sizes(), a.tensor(1).sizes())) {
            throw new ScriptError("expected src to have a size equal to the replaced part of self. src size = "
                + java.util.Arrays.toString(a.tensor(1).sizes()) + ", slice size = "
                + java.util.Arrays.toString(place.sizes()));
        }
        Elementwise.copy(a.context(), a.tensor(1), place);
        return out;
    }

    private static void triangleOnDevice(Args a, boolean lower, Tensor out) {
        checkMatrix(a.tensor(0), lower);
        CudaLayout.triangle(a.context(), a.tensor(0), out, a.int64(1), !lower);
    }

    private static void checkMatrix(Tensor t, boolean lower) {
        if (t.dim() < 2) {
            throw new ScriptError((lower ? "tril" : "triu") + ": input tensor must have at least 2 dimensions");
        }
    }

    private static void triangle(Tensor t, long diagonal, boolean lower, Tensor out) {
        checkMatrix(t, lower);
        Elementwise.copy(t, out);
        long rows = t.size(-2);
        long columns = t.size(-1);
        long width = out.dtype().byteSize();
        long lines = columns == 0 ? 0 : out.numel() / columns;
        for (long line = 0; line < lines; line++) {
            long row = line % rows;
            long from = lower ? Math.clamp(row + diagonal + 1, 0, columns) : 0;
            long to = lower ? columns : Math.clamp(row + diagonal, 0, columns);
            out.data().asSlice(out.byteOffset() + (line * columns + from) * width, (to - from) * width).fill((byte) 0);
        }
    }

    private static Object diag(Args a) {
        Tensor t = a.tensor(0);
        return switch (t.dim()) {
            case 1 -> embed(a, t, a.int64(1), 0, 1);
            case 2 -> ViewOps.copy(a.context(), Views.diagonal(t, a.int64(1), 0, 1));
            default -> throw new ScriptError("matrix or a vector expected");
        };
    }

    private static Tensor embed(Args a, Tensor t, long offset, long dim1, long dim2) {
        int n = t.dim() + 1;
        int d1 = Shapes.wrapDim(dim1, n);
        int d2 = Shapes.wrapDim(dim2, n);
        if (d1 == d2) throw new ScriptError("diagonal dimensions cannot be identical " + dim1 + ", " + dim2);
        long size = t.sizes()[t.dim() - 1] + Math.abs(offset);
        long[] sizes = Views.without(t.sizes(), t.dim() - 1);
        sizes = Views.with(Views.with(sizes, Math.min(d1, d2), size), Math.max(d1, d2), size);
        Tensor out = a.context().zeros(t.dtype(), sizes);
        if (t.numel() > 0) Elementwise.copy(a.context(), t, Views.diagonal(out, offset, d1, d2));
        return out;
    }

    private static Object fillDiagonal(Args a) {
        Tensor t = a.tensor(0);
        if (t.dim() < 2) throw new ScriptError("dimensions must larger than 1");
        long step = 0;
        long shortest = Long.MAX_VALUE;
        for (int d = 0; d < t.dim(); d++) {
            if (t.dim() > 2 && t.sizes()[d] != t.sizes()[0]) {
                throw new ScriptError("all dimensions of input must be of equal length");
            }
            step += t.strides()[d];
            shortest = Math.min(shortest, t.sizes()[d]);
        }
        Fill.any(a.context(), t.view(new long[] {shortest}, new long[] {step}), a.get(1));
        if (a.bool(2) && t.dim() == 2 && t.sizes()[0] > t.sizes()[1] + 1) {
            // the diagonal starts again below each block of columns + 1 rows
            for (long row = t.sizes()[1] + 1; row < t.sizes()[0]; row += t.sizes()[1] + 1) {
                long n = Math.min(t.sizes()[1], t.sizes()[0] - row);
                Fill.any(a.context(), t.view(new long[] {n}, new long[] {step}, t.offset() + row * t.strides()[0]), a.get(1));
            }
        }
        return t;
    }

    private static Object oneHot(Args a) {
        Tensor t = a.tensor(0);
        if (t.dtype() != ScalarType.INT64) throw new ScriptError("one_hot is only applicable to index tensor.");
        if (a.context().isOnDevice()) return oneHotOnDevice(a.context(), t, a.int64(1));
        long[] classes = t.toLongArray();
        long n = a.int64(1);
        if (classes.length == 0 && n <= 0) {
            throw new ScriptError("Can not infer total number of classes from empty tensor.");
        }
        long largest = -1;
        for (long c : classes) {
            if (c < 0) throw new ScriptError("Class values must be non-negative.");
            largest = Math.max(largest, c);
        }
        if (n == -1) n = largest + 1;
        else if (n < 1) throw new ScriptError("num_classes should be positive");
        else if (largest >= n) throw new ScriptError("Class values must be smaller than num_classes.");
        Tensor out = a.context().zeros(ScalarType.INT64, Views.with(t.sizes(), t.dim(), n));
        for (int i = 0; i < classes.length; i++) Elements.setLong(out.data(), ScalarType.INT64, i * n + classes[i], 1);
        return out;
    }

    /** How many classes there are is read back only if it is not given; else classes out of range are errors when the call ends. */
    private static Tensor oneHotOnDevice(CallContext c, Tensor t, long classes) {
        if (t.numel() == 0 && classes <= 0) throw new ScriptError("Can not infer total number of classes from empty tensor.");
        if (classes < 1 && classes != -1) throw new ScriptError("num_classes should be positive");
        long n = classes == -1 ? Math.max(1, (Long) c.tensor("aten::max", t).item() + 1) : classes;
        Tensor out = c.zeros(ScalarType.INT64, Views.with(t.sizes(), t.dim(), n));
        Tensor at = Views.unsqueeze(t, -1), one = Views.expand(Fill.scalar(c, ScalarType.INT64, 1L), at.sizes());
        int last = t.dim();
        CudaIndexing.scatter(c, out, IndexOps.zeroAt(out.strides(), last), one, new int[] {last}, List.of(new CudaIndexing.Axis(at, n, 1, false)),
            IndexKernels.Join.ASSIGN, (i, _) -> new ScriptError(i < 0 ? "Class values must be non-negative."
                : "Class values must be smaller than num_classes."));
        return out;
    }

    private static Object vander(Args a) {
        Tensor t = a.tensor(0);
        if (t.dim() != 1) throw new ScriptError("x must be a one-dimensional tensor.");
        long n = a.int64Or(1, t.numel());
        Tensor exponents = a.bool(2) ? a.context().tensor("aten::arange", n)
            : a.context().tensor("aten::arange.start_step", n - 1, -1L, -1L);
        return a.context().call("aten::pow.Tensor_Tensor", Views.unsqueeze(t, 1), exponents);
    }
}
