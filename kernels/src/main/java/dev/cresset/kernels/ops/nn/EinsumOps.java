package dev.cresset.kernels.ops.nn;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** Sums of products over named dimensions, all by way of the batched matrix product. */
final class EinsumOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        ops.op("aten::einsum(str equation, Tensor[] tensors, *, int[]? path=None) -> Tensor")
            .composite(a -> Einsum.of(a.str(0), a.tensors(1)).run(a.context()));
        ops.op("aten::tensordot(Tensor self, Tensor other, int[] dims_self, int[] dims_other) -> Tensor")
            .composite(a -> tensordot(a.context(), a.tensor(0), a.tensor(1), a.longs(2), a.longs(3)));
        ops.op("aten::inner(Tensor self, Tensor other) -> Tensor").composite(EinsumOps::inner);
        ops.op("aten::kron(Tensor self, Tensor other) -> Tensor").composite(a -> kron(a.context(), a.tensor(0), a.tensor(1)));
    }

    private static Object inner(Args a) {
        Tensor x = a.tensor(0), y = a.tensor(1);
        if (x.dim() == 0 || y.dim() == 0) return a.context().tensor("aten::mul.Tensor", x, y);
        if (x.size(-1) != y.size(-1)) {
            throw new ScriptError("inner() the last dimension must match on both input tensors but got shapes "
                + Arrays.toString(x.sizes()) + " and " + Arrays.toString(y.sizes()));
        }
        return tensordot(a.context(), x, y, new long[] {-1}, new long[] {-1});
    }

    static Tensor tensordot(CallContext c, Tensor x, Tensor y, long[] xDims, long[] yDims) {
        if (xDims.length != yDims.length) throw new ScriptError("both dimension lists should have same length");
        boolean[] xSummed = marked(x, xDims), ySummed = marked(y, yDims);
        long summed = 1;
        for (int i = 0; i < xDims.length; i++) {
            long n = x.size((int) xDims[i]), m = y.size((int) yDims[i]);
            if (n == m) {
                summed *= n;
            } else if (n == 1) {
                y = sum(c, y, yDims[i]);
            } else if (m == 1) {
                x = sum(c, x, xDims[i]);
            } else {
                throw new ScriptError("contracted dimensions need to match, but first has size " + n + " in dim " + xDims[i]
                    + " and second has size " + m + " in dim " + yDims[i]);
            }
        }
        long[] xFree = free(xSummed), yFree = free(ySummed);
        long[] xOrder = LongStream.concat(Arrays.stream(xFree), Arrays.stream(xDims)).toArray();
        long[] yOrder = LongStream.concat(Arrays.stream(yDims), Arrays.stream(yFree)).toArray();
        Tensor left = c.tensor("aten::reshape", Views.permute(x, xOrder), new long[] {count(x, xFree), summed});
        Tensor right = c.tensor("aten::reshape", Views.permute(y, yOrder), new long[] {summed, count(y, yFree)});
        long[] shape = LongStream.concat(sizes(x, xFree), sizes(y, yFree)).toArray();
        return c.tensor("aten::reshape", c.tensor("aten::mm", left, right), shape);
    }

    private static Tensor sum(CallContext c, Tensor t, long dim) {
        return c.tensor("aten::sum.dim_IntList", t, new long[] {dim}, true, null);
    }

    private static boolean[] marked(Tensor t, long[] dims) {
        boolean[] out = new boolean[t.dim()];
        for (long d : dims) {
            int at = dev.cresset.tensor.Shapes.wrapDim(d, t.dim());
            if (out[at]) throw new ScriptError("dim " + at + " appears multiple times in the list of dims");
            out[at] = true;
        }
        return out;
    }

    private static long[] free(boolean[] summed) {
        return LongStream.range(0, summed.length).filter(d -> !summed[(int) d]).toArray();
    }

    private static LongStream sizes(Tensor t, long[] dims) { return Arrays.stream(dims).map(d -> t.sizes()[(int) d]); }

    private static long count(Tensor t, long[] dims) { return sizes(t, dims).reduce(1, (p, q) -> p * q); }

    /** Every element of x times all of y, as blocks. */
    private static Tensor kron(CallContext c, Tensor x, Tensor y) {
        int n = Math.max(x.dim(), y.dim());
        long[] xShape = new long[2 * n], yShape = new long[2 * n], shape = new long[n];
        for (int d = 0; d < n; d++) {
            int xd = d - n + x.dim(), yd = d - n + y.dim();
            xShape[2 * d] = xd < 0 ? 1 : x.sizes()[xd];
            yShape[2 * d] = 1;
            xShape[2 * d + 1] = 1;
            yShape[2 * d + 1] = yd < 0 ? 1 : y.sizes()[yd];
            shape[d] = xShape[2 * d] * yShape[2 * d + 1];
        }
        Tensor product = c.tensor("aten::mul.Tensor", c.tensor("aten::reshape", x, xShape), c.tensor("aten::reshape", y, yShape));
        return c.tensor("aten::reshape", product, shape);
    }
}
