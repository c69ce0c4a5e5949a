package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.ops.CudaIndexing;
import dev.cresset.kernels.cuda.ops.CudaNonzero;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;

/** Reading and writing elements chosen by index tensors or masks. */
final class IndexOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        ops.op("aten::index.Tensor(Tensor self, Tensor?[] indices) -> Tensor").composite(IndexOps::index);
        ops.op("aten::index.Tensor_hacked_twin(Tensor self, Tensor[] indices) -> Tensor").composite(IndexOps::index);
        for (String end : List.of("|Tensor?[]", ".hacked_twin|Tensor[]")) {
            String overload = end.substring(0, end.indexOf('|'));
            String list = end.substring(end.indexOf('|') + 1);
            ops.op("aten::index_put" + overload + "(Tensor self, " + list
                + " indices, Tensor values, bool accumulate=False) -> Tensor")
                .composite(a -> put(a, ViewOps.copy(a.context(), a.tensor(0))));
            ops.op("aten::index_put_" + overload + "(Tensor(a!) self, " + list
                + " indices, Tensor values, bool accumulate=False)"
                + " -> Tensor(a!)").composite(a -> put(a, a.tensor(0)));
            ops.op("aten::_index_put_impl_" + overload + "(Tensor(a!) self, " + list
                + " indices, Tensor values, bool accumulate=False,"
                + " bool unsafe=False) -> Tensor(a!)").composite(a -> put(a, a.tensor(0)));
        }
        ops.op("aten::index_select(Tensor self, int dim, Tensor index) -> Tensor")
            .composite(a -> select(a.context(), a.tensor(0), a.int64(1), a.tensor(2)));
        ops.op("aten::take(Tensor self, Tensor index) -> Tensor").composite(IndexOps::take);
        ops.op("aten::take_along_dim(Tensor self, Tensor indices, int? dim=None) -> Tensor")
            .composite(IndexOps::takeAlong);
        declareMasks(ops);
        ops.op("aten::copy(Tensor self, Tensor src, bool non_blocking=False) -> Tensor").composite(a -> {
            Tensor out = a.context().empty(a.tensor(0).dtype(), a.tensor(0).sizes());
            Elementwise.copy(a.context(), Views.expand(a.tensor(1), out.sizes()), out);
            return out;
        });
    }

    private static void declareMasks(Catalog ops) {
        ops.op("aten::nonzero(Tensor self) -> Tensor").composite(a -> nonzero(a.context(), a.tensor(0)));
        ops.op("aten::argwhere(Tensor self) -> Tensor").composite(a -> nonzero(a.context(), a.tensor(0)));
        ops.op("aten::nonzero_numpy(Tensor self) -> Tensor[]").composite(IndexOps::nonzeroColumns);
        ops.op("aten::where(Tensor condition) -> Tensor[]").composite(IndexOps::nonzeroColumns);
        ops.op("aten::masked_select(Tensor self, Tensor mask) -> Tensor").composite(IndexOps::maskedSelect);
        ops.op("aten::masked_scatter(Tensor self, Tensor mask, Tensor source) -> Tensor").composite(a -> {
            Tensor shaped = SplitOps.broadcast(List.of(a.tensor(0), a.tensor(1))).getFirst();
            return maskedScatter(a, ViewOps.copy(a.context(), shaped));
        });
        ops.op("aten::masked_scatter_(Tensor(a!) self, Tensor mask, Tensor source) -> Tensor(a!)")
            .composite(a -> maskedScatter(a, a.tensor(0)));
    }

    private static Object index(Args a) {
        Tensor self = a.tensor(0);
        CallContext c = a.context();
        if (c.isMeta()) return c.empty(self.dtype(), IndexList.sizes(c, self, a.tensors(1)));
        if (c.isOnDevice()) {
            IndexList.Group g = IndexList.Group.of(c, self, a.tensors(1));
            Tensor out = c.empty(self.dtype(), g.sizes(self));
            CudaIndexing.choose(c, self, g.strides(self), out, g.axes(self), (i, n) -> g.outOfBounds(self, i, n));
            return out;
        }
        IndexList list = new IndexList(c, self, a.tensors(1));
        Tensor out = c.empty(self.dtype(), list.sizes);
        MappedCopy.run(list.base, Views.view(out, list.flatSizes), list.maps);
        return out;
    }

    private static Tensor put(Args a, Tensor self) {
        CallContext c = a.context();
        Tensor values = c.here(a.tensor(2));
        if (values.dtype() != self.dtype()) {
            throw new ScriptError("Index put requires the source and destination dtypes match, got " + self.dtype()
                .printName()
                + " for the destination and " + values.dtype().printName() + " for the source.");
        }
        if (c.isOnDevice()) {
            IndexList.Group g = IndexList.Group.of(c, self, a.tensors(1));
            checkBroadcasts(values, g.sizes(self));
            CudaIndexing.scatter(c, self, g.strides(self), Views.expand(values, g.sizes(self)), g.dimensions(), g.axes(self),
                a.bool(3) ? Reduce.ADD.join() : Reduce.ASSIGN.join(), (i, n) -> g.outOfBounds(self, i, n));
            return self;
        }
        IndexList list = new IndexList(c, self, a.tensors(1));
        Tensor dense = c.empty(self.dtype(), list.sizes);
        checkBroadcasts(values, list.sizes);
        if (dense.numel() == 0) return self;
        Elementwise.copy(c, values, dense);
        Tensor flat = Views.view(dense, list.flatSizes);
        if (a.bool(3)) Reduce.ADD.scatter(flat, list.base, list.maps);
        else MappedCopy.scatter(flat, list.base, list.maps);
        return self;
    }

    private static void checkBroadcasts(Tensor values, long[] sizes) {
        boolean fits = values.dim() <= sizes.length;
        for (int k = 1; fits && k <= values.dim(); k++) {
            long v = values.sizes()[values.dim() - k];
            fits = v == 1 || v == sizes[sizes.length - k];
        }
        if (!fits) {
            throw new ScriptError("shape mismatch: value tensor of shape " + Arrays.toString(values.sizes())
                + " cannot be broadcast to indexing result of shape " + Arrays.toString(sizes));
        }
    }

    /** Positions of a dimension chosen by a vector of indices. */
    static Tensor select(CallContext context, Tensor t, long dim, Tensor index) {
        int d = Shapes.wrapDim(dim, t.dim());
        if (index.dim() > 1) throw new ScriptError("index_select(): Index is supposed to be a vector");
        if (index.dtype() != ScalarType.INT64 && index.dtype() != ScalarType.INT32) {
            throw new ScriptError("index_select(): Expected dtype int32 or int64 for index");
        }
        long[] sizes = t.sizes().clone();
        if (t.dim() > 0) sizes[d] = index.numel();
        if (context.isMeta()) return context.empty(t.dtype(), sizes);   // the shape does not depend on which they are
        if (t.dim() == 0) return Views.view(select(context, Views.unsqueeze(t, 0), 0, index));
        Tensor out = context.empty(t.dtype(), sizes);
        if (context.isOnDevice()) {
            CudaIndexing.choose(context, t, zeroAt(t.strides(), d), out, List.of(new CudaIndexing.Axis(along(context.here(index), d, sizes), t.sizes()[d],
                t.strides()[d], false)), (_, _) -> outOfRange());
            return out;
        }
        long[] map = checked(IndexList.longs(index), t.sizes()[d]);
        long[][] maps = new long[t.dim()][];
        maps[d] = map;
        MappedCopy.run(t, out, maps);
        return out;
    }

    /** The same array. @throws ScriptError if one is negative or not below n */
    static long[] checked(long[] index, long n) {
        for (long i : index) if (i < 0 || i >= n) throw outOfRange();
        return index;
    }

    static ScriptError outOfRange() { return new ScriptError("index out of range in self"); }

    /** A vector, or one number, along a dimension of a shape, the same in all others. */
    static Tensor along(Tensor vector, int dim, long[] shape) {
        long[] strides = new long[shape.length];
        strides[dim] = vector.dim() == 0 ? 0 : vector.strides()[0];
        return vector.view(shape, strides);
    }

    static long[] zeroAt(long[] strides, int dim) {
        long[] out = strides.clone();
        out[dim] = 0;
        return out;
    }

    private static Object take(Args a) {
        Tensor flat = ViewOps.reshape(a.context(), a.tensor(0), -1);
        if (a.tensor(1).dtype() != ScalarType.INT64) {
            throw new ScriptError("take(): Expected a long tensor for index, but got " + a.tensor(1).dtype()
                .printName());
        }
        long n = flat.numel();
        Tensor out = a.context().empty(flat.dtype(), a.tensor(1).sizes());
        if (a.context().isOnDevice()) {
            CudaIndexing.choose(a.context(), flat, new long[out.dim()], out, List.of(new CudaIndexing.Axis(a.context().here(a.tensor(1)), n, 1, true)),
                IndexOps::untakeable);
            return out;
        }
        long[] map = IndexList.longs(a.tensor(1));
        for (int i = 0; i < map.length; i++) {
            if (map[i] < -n || map[i] >= n) throw untakeable(map[i], n);
            if (map[i] < 0) map[i] += n;
        }
        MappedCopy.run(flat, Views.view(out, map.length), new long[][] {map});
        return out;
    }

    private static ScriptError untakeable(long index, long n) {
        return new ScriptError("out of range: tried to access index " + index + " on a tensor of " + n + " elements.");
    }

    private static Object takeAlong(Args a) {
        CallContext c = a.context();
        Tensor self = a.tensor(0);
        Tensor index = a.tensor(1);
        if (a.isNone(2)) {
            return c.call("aten::gather", ViewOps.reshape(c, self, -1), 0L, ViewOps.reshape(c, index, -1));
        }
        if (self.dim() != index.dim()) {
            throw new ScriptError("torch.take_along_dim(): input and indices should have the same number of "
                + "dimensions, but got "
                + self.dim() + " dimensions for input, and " + index.dim() + " dimensions for indices");
        }
        int d = Shapes.wrapDim(a.int64(2), self.dim());
        long[] ours = self.sizes().clone();
        long[] theirs = index.sizes().clone();
        ours[d] = 1;
        theirs[d] = 1;
        long[] common = Shapes.broadcast(ours, theirs).clone();
        common[d] = self.sizes()[d];
        Tensor wideSelf = Views.expand(self, common);
        long[] indexShape = common.clone();
        indexShape[d] = index.sizes()[d];
        return c.call("aten::gather", wideSelf, (long) d, Views.expand(index, indexShape));
    }

    private static Tensor nonzero(CallContext context, Tensor t) {
        if (context.isOnDevice()) return CudaNonzero.coordinates(context, t);
        long[][] positions = IndexList.nonzero(t);
        int n = t.dim();
        long count = n == 0 ? (PropertyOps.isNonzero(t) ? 1 : 0) : positions[0].length;
        Tensor out = context.empty(ScalarType.INT64, count, n);
        for (int i = 0; i < count && n > 0; i++) {
            for (int d = 0; d < n; d++) {
                out.data().set(ValueLayout.JAVA_LONG_UNALIGNED, 8L * ((long) i * n + d), positions[d][i]);
            }
        }
        return out;
    }

    private static Object nonzeroColumns(Args a) {
        Tensor t = a.tensor(0).dim() == 0 ? Views.unsqueeze(a.tensor(0), 0) : a.tensor(0);
        if (a.context().isOnDevice()) return ScriptList.ofTensors(IndexList.columns(a.context(), t));
        List<Tensor> out = new ArrayList<>();
        for (long[] positions : IndexList.nonzero(t)) {
            Tensor column = a.context().empty(ScalarType.INT64, positions.length);
            MemorySegment.copy(positions, 0, column.data(), ValueLayout.JAVA_LONG_UNALIGNED, 0, positions.length);
            out.add(column);
        }
        return ScriptList.ofTensors(out);
    }

    private static void checkMask(Tensor mask) {
        if (mask.dtype() != ScalarType.BOOL && mask.dtype() != ScalarType.UINT8) {
            throw new ScriptError("expected BoolTensor for mask, got " + mask.dtype().printName());
        }
    }

    private static long[] maskPositions(Tensor mask, long[] shape) {
        checkMask(mask);
        long[] set = Views.expand(mask, shape).toLongArray();
        return java.util.stream.LongStream.range(0, set.length).filter(i -> set[(int) i] != 0).toArray();
    }

    private static Object maskedSelect(Args a) {
        Tensor self = a.tensor(0);
        long[] shape = Shapes.broadcast(self.sizes(), a.tensor(1).sizes());
        Tensor flat = ViewOps.reshape(a.context(), Views.expand(a.context().here(self), shape), -1);
        if (a.context().isOnDevice()) {
            checkMask(a.tensor(1));
            Tensor positions = CudaNonzero.numbers(a.context(), Views.expand(a.context().here(a.tensor(1)), shape));
            return a.context().call("aten::index_select", flat, 0L, positions);
        }
        long[] positions = maskPositions(a.tensor(1), shape);
        Tensor out = a.context().empty(self.dtype(), positions.length);
        MappedCopy.run(flat, out, new long[][] {positions});
        return out;
    }

    private static Tensor maskedScatter(Args a, Tensor self) {
        Tensor source = a.tensor(2);
        if (source.dtype() != self.dtype()) {
            throw new ScriptError("masked_scatter: expected self and source to have same dtypes but got "
                + self.dtype().printName()
                + " and " + source.dtype().printName());
        }
        CallContext c = a.context();
        if (c.isOnDevice()) {
            checkMask(a.tensor(1));
            Tensor positions = CudaNonzero.numbers(c, Views.expand(c.here(a.tensor(1)), self.sizes()));
            return scattered(c, self, positions.numel(), source, (values, target) -> c.call("aten::index_copy_", target, 0L, positions, values));
        }
        long[] positions = maskPositions(a.tensor(1), self.sizes());
        return scattered(c, self, positions.length, source, (values, target) -> MappedCopy.scatter(values, target, new long[][] {positions}));
    }

    /** Writes as many elements of {@code source} to a flat {@code self} as there are places. */
    private static Tensor scattered(CallContext c, Tensor self, long places, Tensor source, BiConsumer<Tensor, Tensor> write) {
        if (places > source.numel()) throw new ScriptError("Number of elements of source < number of ones in mask");
        Tensor values = Views.narrow(ViewOps.reshape(c, source, -1), 0, 0, places);
        Tensor target = ViewOps.contiguous(c, self);
        write.accept(values, Views.view(target, -1));
        if (target != self) Elementwise.copy(c, target, self);
        return self;
    }
}
