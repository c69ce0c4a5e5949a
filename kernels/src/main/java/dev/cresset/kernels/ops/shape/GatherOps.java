package dev.cresset.kernels.ops.shape;

import dev.cresset.kernels.cuda.ops.CudaIndexing;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.List;

/** Elements read from the places along one dimension that an index of the result's shape names. */
final class GatherOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        ops.op("aten::gather(Tensor self, int dim, Tensor index, *, bool sparse_grad=False) -> Tensor")
            .kernel(a -> Meta.of(a.tensor(0).dtype(), a.tensor(2).sizes()), GatherOps::gather).cuda(GatherOps::gatherOnDevice)
            .alsoAs("aten::gather.out(Tensor self, int dim, Tensor index, *, bool sparse_grad=False, Tensor(a!) "
                + "out) -> Tensor(a!)");
    }

    private static void gather(Args a, Tensor out) {
        Tensor index = Lines.line(a.tensor(2));
        Tensor self = Lines.line(a.tensor(0));
        if (index.numel() == 0) return;
        int dim = Shapes.wrapDim(a.int64(1), self.dim());
        Lines.checkIndex("gather", index, self, "input", dim);
        long[] at = IndexList.longs(index);
        long[] outer = Lines.offsets(self.strides(), index.sizes(), 0, dim);
        long[] inner = Lines.offsets(self.strides(), index.sizes(), dim + 1, self.dim());
        long[] from = new long[at.length];
        long stride = self.strides()[dim];
        int k = 0;
        for (long o : outer) {
            for (long i = 0; i < index.sizes()[dim]; i++) {
                for (long n : inner) {
                    from[k] = o + n + Lines.inBounds(at[k], self.sizes()[dim], dim) * stride;
                    k++;
                }
            }
        }
        Tensor flat = self.view(new long[] {from.length}, new long[] {1});
        MappedCopy.run(flat, out.view(new long[] {from.length}, new long[] {1}), new long[][] {from});
    }

    private static void gatherOnDevice(Args a, Tensor out) {
        Tensor index = Lines.line(a.tensor(2)), self = Lines.line(a.tensor(0));
        if (index.numel() == 0) return;
        int dim = Shapes.wrapDim(a.int64(1), self.dim());
        Lines.checkIndex("gather", index, self, "input", dim);
        CudaIndexing.choose(a.context(), self, IndexOps.zeroAt(self.strides(), dim), Lines.line(out), List.of(Lines.axis(index, self, dim, false)),
            (i, n) -> IndexList.outOfBounds(i, dim, n));
    }
}
