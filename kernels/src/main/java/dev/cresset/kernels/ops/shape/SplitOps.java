package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A tensor as a list of views: split, chunk, unbind, broadcast_tensors, meshgrid. */
final class SplitOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        ops.op("aten::split.Tensor(Tensor(a -> *) self, int split_size, int dim=0) -> Tensor(a)[]")
            .host(a -> split(a.tensor(0), a.int64(1), a.int64(2)));
        ops.op("aten::unsafe_split.Tensor(Tensor self, int split_size, int dim=0) -> Tensor[]")
            .host(a -> split(a.tensor(0), a.int64(1), a.int64(2)));
        for (String head : List.of("split.sizes(Tensor(a -> *) self, int[] split_size, int dim=0) -> Tensor(a)[]",
            "split(Tensor(a -> *) self, int[] split_sizes, int dim=0) -> Tensor(a)[]",
            "split_with_sizes(Tensor(a -> *) self, int[] split_sizes, int dim=0) -> Tensor(a)[]",
            "unsafe_split_with_sizes(Tensor self, int[] split_sizes, int dim=0) -> Tensor[]")) {
            ops.op("aten::" + head).host(a -> splitWithSizes(a.tensor(0), a.longs(1), a.int64(2)));
        }
        ops.op("aten::chunk(Tensor(a -> *) self, int chunks, int dim=0) -> Tensor(a)[]").host(SplitOps::chunk);
        ops.op("aten::unsafe_chunk(Tensor self, int chunks, int dim=0) -> Tensor[]").host(SplitOps::chunk);
        ops.op("aten::tensor_split.sections(Tensor(a -> *) self, int sections, int dim=0) -> Tensor(a)[]")
            .host(a -> sections(a.tensor(0), a.int64(1), a.int64(2)));
        ops.op("aten::tensor_split.indices(Tensor(a -> *) self, int[] indices, int dim=0) -> Tensor(a)[]")
            .host(a -> splitAt(a.tensor(0), a.longs(1), a.int64(2)));
        ops.op("aten::tensor_split.tensor_indices_or_sections(Tensor(a -> *) self, Tensor "
            + "tensor_indices_or_sections, int dim=0)"
            + " -> Tensor(a)[]")
            .host(a -> a.tensor(1).dim() == 0 ? sections(a.tensor(0), (Long) a.tensor(1).item(), a.int64(2))
                : splitAt(a.tensor(0), a.tensor(1).toLongArray(), a.int64(2)));
        ops.op("aten::hsplit.int(Tensor(a -> *) self, int sections) -> Tensor(a)[]").host(a -> even(a, "hsplit", 1));
        ops.op("aten::hsplit.array(Tensor(a -> *) self, int[] indices) -> Tensor(a)[]")
            .host(a -> atIndices(a, "hsplit", 1));
        ops.op("aten::vsplit.int(Tensor(a -> *) self, int sections) -> Tensor(a)[]").host(a -> even(a, "vsplit", 2));
        ops.op("aten::vsplit.array(Tensor(a -> *) self, int[] indices) -> Tensor(a)[]")
            .host(a -> atIndices(a, "vsplit", 2));
        ops.op("aten::dsplit.int(Tensor(a -> *) self, int sections) -> Tensor(a)[]").host(a -> even(a, "dsplit", 3));
        ops.op("aten::dsplit.array(Tensor(a -> *) self, int[] indices) -> Tensor(a)[]")
            .host(a -> atIndices(a, "dsplit", 3));
        ops.op("aten::unbind.int(Tensor(a -> *) self, int dim=0) -> Tensor(a)[]")
            .host(a -> unbind(a.tensor(0), a.int64(1)));
        ops.op("aten::broadcast_tensors(Tensor[] tensors) -> Tensor[]")
            .host(a -> ScriptList.ofTensors(broadcast(a.tensors(0))));
        ops.op("aten::meshgrid(Tensor[] tensors) -> Tensor[]")
            .host(a -> ScriptList.ofTensors(meshgrid(a.tensors(0), "ij")));
        ops.op("aten::meshgrid.indexing(Tensor[] tensors, *, str indexing) -> Tensor[]")
            .host(a -> ScriptList.ofTensors(meshgrid(a.tensors(0), a.str(1))));
    }

    /** All expanded to their common shape. */
    static List<Tensor> broadcast(List<Tensor> tensors) {
        long[] shape = {};
        for (Tensor t : tensors) shape = Shapes.broadcast(shape, t.sizes());
        List<Tensor> out = new ArrayList<>();
        for (Tensor t : tensors) out.add(Views.expand(t, shape));
        return out;
    }

    /**
     * Coordinates of a grid: tensor i varies along dimension i ("ij"), or with the first two dimensions swapped
     * ("xy").
     */
    static List<Tensor> meshgrid(List<Tensor> tensors, String indexing) {
        if (tensors.isEmpty()) throw new ScriptError("meshgrid expects a non-empty TensorList");
        if (!indexing.equals("ij") && !indexing.equals("xy")) {
            throw new ScriptError("torch.meshgrid: indexing must be one of \"xy\" or \"ij\", but received: "
                + indexing);
        }
        boolean swap = indexing.equals("xy") && tensors.size() >= 2;
        int n = tensors.size();
        long[] shape = new long[n];
        for (int i = 0; i < n; i++) shape[i] = tensors.get(swap && i < 2 ? 1 - i : i).numel();
        List<Tensor> out = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            Tensor t = tensors.get(i);
            if (t.dim() > 1) {
                throw new ScriptError("torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: " + t);
            }
            long[] strides = new long[n];
            strides[swap && i < 2 ? 1 - i : i] = t.dim() == 0 ? 1 : t.strides()[0];
            for (int d = 0; d < n; d++) if (shape[d] == 1) strides[d] = 1;
            out.add(t.view(shape.clone(), strides));
        }
        return out;
    }

    private static ScriptList list(List<Tensor> views) { return ScriptList.ofTensors(views); }

    private static ScriptList split(Tensor t, long size, long dim) {
        if (t.dim() == 0) throw new ScriptError("split expects at least a 1-dimensional tensor");
        if (size < 0) throw new ScriptError("split expects split_size be non-negative, but got split_size=" + size);
        int d = Shapes.wrapDim(dim, t.dim());
        long n = t.sizes()[d];
        if (size == 0 && n != 0) {
            throw new ScriptError("split_size can only be 0 if dimension size is 0, but got dimension size of " + n);
        }
        List<Tensor> out = new ArrayList<>();
        for (long at = 0; at == 0 || at < n; at += Math.max(1, size)) out.add(Views.slice(t, d, at, at + size, 1));
        return list(out);
    }

    private static ScriptList splitWithSizes(Tensor t, long[] sizes, long dim) {
        if (t.dim() == 0) throw new ScriptError("split expects at least a 1-dimensional tensor");
        int d = Shapes.wrapDim(dim, t.dim());
        if (Arrays.stream(sizes).sum() != t.sizes()[d] || Arrays.stream(sizes).anyMatch(s -> s < 0)) {
            throw new ScriptError("split_with_sizes expects split_sizes to sum exactly to " + t.sizes()[d]
                + " (input tensor's size at dimension " + dim + "), but got split_sizes=" + Arrays.toString(sizes));
        }
        List<Tensor> out = new ArrayList<>();
        long at = 0;
        for (long s : sizes) {
            out.add(Views.slice(t, d, at, at + s, 1));
            at += s;
        }
        return list(out);
    }

    private static ScriptList chunk(Args a) {
        Tensor t = a.tensor(0);
        long chunks = a.int64(1);
        if (t.dim() == 0) throw new ScriptError("chunk expects at least a 1-dimensional tensor");
        if (chunks <= 0) throw new ScriptError("chunk expects `chunks` to be greater than 0, got: " + chunks);
        long n = t.size(a.int32(2));
        return n == 0 ? splitWithSizes(t, new long[(int) chunks], a.int64(2))
            : split(t, (n + chunks - 1) / chunks, a.int64(2));
    }

    private static ScriptList sections(Tensor t, long sections, long dim) {
        if (t.dim() == 0) {
            throw new ScriptError("tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 "
                + "dims");
        }
        if (sections <= 0) throw new ScriptError("number of sections must be larger than 0, got " + sections);
        int d = Shapes.wrapDim(dim, t.dim());
        long n = t.sizes()[d];
        long[] sizes = new long[(int) sections];
        for (int i = 0; i < sections; i++) sizes[i] = n / sections + (i < n % sections ? 1 : 0);
        return splitWithSizes(t, sizes, d);
    }

    private static ScriptList splitAt(Tensor t, long[] indices, long dim) {
        if (t.dim() == 0) {
            throw new ScriptError("tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 "
                + "dims");
        }
        List<Tensor> out = new ArrayList<>();
        long from = 0;
        for (long i : indices) {
            out.add(Views.slice(t, dim, from, i, 1));
            from = i;
        }
        out.add(Views.slice(t, dim, from, Long.MAX_VALUE, 1));
        return list(out);
    }

    /** @param rank 1 for hsplit, 2 for vsplit, 3 for dsplit: the fewest dimensions it takes */
    private static int dimension(Tensor t, String name, int rank) {
        if (t.dim() < rank) {
            throw new ScriptError("torch." + name + " requires a tensor with at least " + rank + " dimension"
                + (rank > 1 ? "s" : "") + ", but got a tensor with " + t.dim() + " dimensions!");
        }
        return switch (rank) {
            case 1 -> t.dim() == 1 ? 0 : 1;
            case 2 -> 0;
            default -> 2;
        };
    }

    private static ScriptList even(Args a, String name, int rank) {
        Tensor t = a.tensor(0);
        int d = dimension(t, name, rank);
        long sections = a.int64(1);
        if (sections == 0 || t.sizes()[d] % sections != 0) {
            throw new ScriptError("torch." + name + " attempted to split along dimension " + d
                + ", but the size of the dimension "
                + t.sizes()[d] + " is not divisible by the split_size " + sections + "!");
        }
        return sections(t, sections, d);
    }

    private static ScriptList atIndices(Args a, String name, int rank) {
        return splitAt(a.tensor(0), a.longs(1), dimension(a.tensor(0), name, rank));
    }

    private static ScriptList unbind(Tensor t, long dim) {
        if (t.dim() == 0) throw new ScriptError("Dimension specified as " + dim + " but tensor has no dimensions");
        int d = Shapes.wrapDim(dim, t.dim());
        List<Tensor> out = new ArrayList<>();
        for (long i = 0; i < t.sizes()[d]; i++) out.add(Views.select(t, d, i));
        return list(out);
    }
}
