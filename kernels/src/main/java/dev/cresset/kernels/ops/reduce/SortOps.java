package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.ops.CudaLines;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** Sorting along a dimension, always stable, and the k largest or smallest. NaN counts as the largest. */
final class SortOps implements OpFamily {
    private static final String OUT = "Tensor(a!) values, Tensor(b!) indices) -> (Tensor(a!) values, Tensor(b!) indices)";

    @Override public void declare(Catalog ops) {
        String two = ") -> (Tensor values, Tensor indices)";
        String sort = "(Tensor self, int dim=-1, bool descending=False";
        ops.op("aten::sort" + sort + two).kernels(SortOps::shape, (a, out) -> sort(a, a.int64(1), a.bool(2), out))
            .cudas((a, out) -> CudaLines.sort(a.context(), a.tensor(0), a.int64(1), a.bool(2), out[0], out[1]))
            .alsoAs("aten::sort.values" + sort + ", *, " + OUT);
        String stable = "(Tensor self, *, bool? stable, int dim=-1, bool descending=False";
        ops.op("aten::sort.stable" + stable + two).kernels(SortOps::shape, (a, out) -> sort(a, a.int64(2), a.bool(3), out))
            .cudas((a, out) -> CudaLines.sort(a.context(), a.tensor(0), a.int64(2), a.bool(3), out[0], out[1]))
            .alsoAs("aten::sort.values_stable" + stable + ", " + OUT);
        ops.op("aten::argsort" + sort + ") -> Tensor")
            .kernel(a -> Meta.of(ScalarType.INT64, a.tensor(0).sizes()), (a, out) -> sort(a, a.int64(1), a.bool(2), null, out))
            .cuda((a, out) -> CudaLines.sort(a.context(), a.tensor(0), a.int64(1), a.bool(2), null, out));
        String argsort = stable.replace("bool? stable", "bool stable");
        ops.op("aten::argsort.stable" + argsort + ") -> Tensor")
            .kernel(a -> Meta.of(ScalarType.INT64, a.tensor(0).sizes()), (a, out) -> sort(a, a.int64(2), a.bool(3), null, out))
            .cuda((a, out) -> CudaLines.sort(a.context(), a.tensor(0), a.int64(2), a.bool(3), null, out))
            .alsoAs("aten::argsort.stable_out" + argsort + ", Tensor(a!) out) -> Tensor(a!)");
        ops.op("aten::msort(Tensor self) -> Tensor").kernel(a -> shape(a)[0],
            (a, out) -> sort(a, 0, false, out, a.context().empty(ScalarType.INT64, a.tensor(0).sizes())))
            .cuda((a, out) -> CudaLines.sort(a.context(), a.tensor(0), 0, false, out, null))
            .alsoAs("aten::msort.out(Tensor self, *, Tensor(a!) out) -> Tensor(a!)");
        String topk = "(Tensor self, int k, int dim=-1, bool largest=True, bool sorted=True";
        ops.op("aten::topk" + topk + two).kernels(SortOps::topkShape, (a, out) -> topk(a, a.int32(1), a.int64(2), a.bool(3), out))
            .cudas((a, out) -> CudaLines.sort(a.context(), a.tensor(0), a.int64(2), a.bool(3), out[0], out[1]))
            .alsoAs("aten::topk.values" + topk + ", *, " + OUT);
    }

    private static Meta[] shape(Args a) {
        Tensor t = a.tensor(0);
        if (t.dtype().isComplex()) throw new ScriptError("Sort currently does not support complex dtypes on CPU");
        return new Meta[] {Meta.of(t.dtype(), t.sizes()), Meta.of(ScalarType.INT64, t.sizes())};
    }

    private static Meta[] topkShape(Args a) {
        Tensor t = a.tensor(0);
        Lines lines = new Lines(t, a.int64(2));
        long k = a.int64(1);
        if (k < 0 || k > lines.length()) throw new ScriptError("selected index k out of range");
        long[] sizes = t.sizes().clone();
        if (sizes.length > 0) sizes[lines.dim()] = k;
        return new Meta[] {Meta.of(t.dtype(), sizes), Meta.of(ScalarType.INT64, sizes)};
    }

    private static void sort(Args a, long dim, boolean descending, Tensor... out) {
        topk(a, new Lines(a.tensor(0), dim).length(), dim, descending, out);
    }

    /** @param out values (or null) and indices */
    private static void topk(Args a, int k, long dim, boolean largest, Tensor[] out) {
        Tensor t = a.tensor(0);
        Lines lines = new Lines(t, dim);
        int n = lines.length();
        if (out[1].numel() == 0) return;
        Work.split(a.context().threads(), lines.count(), 16L * n, (from, to) -> {
            Order order = new Order(n);
            for (long l = from; l < to; l++) {
                long at = lines.at(t, l);
                order.load(t, at, lines.stride(t), n, largest);
                order.sort(n, k);
                if (out[0] != null) pick(t, at, lines.stride(t), order.indices, k, out[0], lines.at(out[0], l), lines.stride(out[0]));
                indices(order.indices, k, out[1], lines.at(out[1], l), lines.stride(out[1]));
            }
        });
    }

    /** Copies the elements at these places of a line. */
    static void pick(Tensor in, long at, long stride, int[] indices, int k, Tensor out, long outAt, long outStride) {
        int width = in.dtype().byteSize();
        for (int i = 0; i < k; i++) {
            MemorySegment.copy(in.data(), (at + indices[i] * stride) * width, out.data(), (outAt + i * outStride) * width, width);
        }
    }

    private static void indices(int[] indices, int k, Tensor out, long at, long stride) {
        for (int i = 0; i < k; i++) Elements.setLong(out.data(), ScalarType.INT64, at + i * stride, indices[i]);
    }
}
