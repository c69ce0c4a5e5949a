package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.ops.CudaIndexing;
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
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;

/** Elements chosen along one dimension by an index tensor: gather, scatter and the index_… operators. */
final class ScatterOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        ops.op("aten::gather(Tensor self, int dim, Tensor index, *, bool sparse_grad=False) -> Tensor")
            .kernel(a -> Meta.of(a.tensor(0).dtype(), a.tensor(2).sizes()), ScatterOps::gather).cuda(ScatterOps::gatherOnDevice)
            .alsoAs("aten::gather.out(Tensor self, int dim, Tensor index, *, bool sparse_grad=False, Tensor(a!) "
                + "out) -> Tensor(a!)");
        both(ops, "scatter", ".src", "int dim, Tensor index, Tensor src", (a, t) ->
            scatter(a, t, a.tensor(3), Reduce.ASSIGN));
        both(ops, "scatter", ".value", "int dim, Tensor index, Scalar value", (a, t) ->
            scatter(a, t, value(a, t), Reduce.ASSIGN));
        both(ops, "scatter", ".reduce", "int dim, Tensor index, Tensor src, *, str reduce",
            (a, t) -> scatter(a, t, a.tensor(3), reduce(a.str(4))));
        both(ops, "scatter", ".value_reduce", "int dim, Tensor index, Scalar value, *, str reduce",
            (a, t) -> scatter(a, t, value(a, t), reduce(a.str(4))));
        both(ops, "scatter_add", "", "int dim, Tensor index, Tensor src", (a, t) ->
            scatter(a, t, a.tensor(3), Reduce.ADD));
        both(ops, "scatter_reduce", ".two", "int dim, Tensor index, Tensor src, str reduce, *, bool include_self=True",
            (a, t) -> scatterReduce(a, t, a.tensor(2), a.tensor(3)));
        declareIndexed(ops);
    }

    private static void declareIndexed(Catalog ops) {
        both(ops, "index_add", "", "int dim, Tensor index, Tensor source, *, Scalar alpha=1", (a, t) -> {
            boolean plain = a.get(4) instanceof Long n && n == 1;
            Tensor source = plain ? a.tensor(3) : a.context().tensor("aten::mul.Scalar", a.tensor(3), a.get(4));
            return indexed(a, t, source, Reduce.ADD);
        });
        both(ops, "index_copy", "", "int dim, Tensor index, Tensor source", (a, t) ->
            indexed(a, t, a.tensor(3), Reduce.ASSIGN));
        both(ops, "index_fill", ".int_Scalar", "int dim, Tensor index, Scalar value", (a, t) ->
            indexed(a, t, filler(a, t), Reduce.ASSIGN));
        both(ops, "index_fill", ".int_Tensor", "int dim, Tensor index, Tensor value", (a, t) -> {
            if (a.tensor(3).dim() != 0) {
                throw new ScriptError("index_fill_ only supports a 0-dimensional value tensor, but got tensor with "
                    + a.tensor(3).dim() + " dimension(s).");
            }
            return indexed(a, t, filler(a, t), Reduce.ASSIGN);
        });
        both(ops, "index_reduce", "", "int dim, Tensor index, Tensor source, str reduce, *, bool include_self=True",
            (a, t) -> {
            Tensor source = a.tensor(3);
            long[] shape = new long[source.dim()];
            Arrays.fill(shape, 1);
            shape[Shapes.wrapDim(a.int64(1), source.dim())] = a.tensor(2).numel();
            return scatterReduce(a, t, Views.expand(Views.view(a.tensor(2), shape), source.sizes()), source);
        });
        ops.op("aten::put_(Tensor(a!) self, Tensor index, Tensor source, bool accumulate=False) -> Tensor(a!)")
            .composite(a -> put(a, a.tensor(0)));
        ops.op("aten::put(Tensor self, Tensor index, Tensor source, bool accumulate=False) -> Tensor")
            .composite(a -> put(a, ViewOps.copy(a.context(), a.tensor(0))));
    }

    private interface Write { Tensor into(Args a, Tensor target); }

    /** Declares the form that writes to self and the one that writes to a copy of it. */
    private static void both(Catalog ops, String name, String overload, String arguments, Write write) {
        ops.op("aten::" + name + overload + "(Tensor self, " + arguments + ") -> Tensor")
            .composite(a -> write.into(a, ViewOps.copy(a.context(), a.tensor(0))));
        ops.op("aten::" + name + "_" + overload + "(Tensor(a!) self, " + arguments + ") -> Tensor(a!)")
            .composite(a -> write.into(a, a.tensor(0)));
    }

    private static Reduce reduce(String name) {
        return switch (name) {
            case "add", "sum", "mean" -> Reduce.ADD;
            case "multiply", "prod" -> Reduce.MULTIPLY;
            case "amax" -> Reduce.MAX;
            case "amin" -> Reduce.MIN;
            default -> throw new ScriptError("reduce argument must be either sum, prod, mean, amax or amin (add or "
                + "multiply for scatter), got "
                + name);
        };
    }

    private static Tensor value(Args a, Tensor target) {
        return Views.expand(Fill.scalar(a.context(), target.dtype(), a.get(3)), a.tensor(2).sizes());
    }

    /** The value of index_fill as a source of the shape index_copy would need. */
    private static Tensor filler(Args a, Tensor target) {
        long[] shape = target.sizes().clone();
        if (shape.length > 0) shape[Shapes.wrapDim(a.int64(1), shape.length)] = a.tensor(2).numel();
        return Views.expand(a.get(3) instanceof Tensor t && a.context().isOnDevice() ? numberLike(a.context(), t, target)
            : Fill.scalar(a.context(), target.dtype(), a.get(3) instanceof Tensor t ? t.item() : a.get(3)), shape);
    }

    /** A tensor of one number where the call is, in the type of another; not read by the host. */
    private static Tensor numberLike(CallContext c, Tensor number, Tensor target) {
        Tensor out = c.empty(target.dtype());
        Elementwise.copy(c, c.here(number), out);
        return out;
    }

    // ---- walking along a dimension

    /** Element offsets of all positions of the dimensions from..to-1, row-major. */
    static long[] offsets(long[] strides, long[] sizes, int from, int to) {
        long[] out = {0};
        for (int d = from; d < to; d++) {
            long[] next = new long[Math.toIntExact(out.length * sizes[d])];
            int at = 0;
            for (long base : out) for (long i = 0; i < sizes[d]; i++) next[at++] = base + i * strides[d];
            out = next;
        }
        return out;
    }

    /** A tensor with at least one dimension. */
    private static Tensor line(Tensor t) { return t.dim() == 0 ? Views.unsqueeze(t, 0) : t; }

    /** Checks an index for gather and scatter: {@code other} must be as large in every dimension but {@code dim}. */
    private static void checkIndex(String name, Tensor index, Tensor other, String otherName, int dim) {
        if (index.dtype() != ScalarType.INT64) throw new ScriptError(name + "(): Expected dtype int64 for index");
        if (index.dim() != other.dim()) {
            throw new ScriptError("Index tensor must have the same number of dimensions as " + otherName + " tensor");
        }
        for (int d = 0; d < index.dim(); d++) {
            if (d != dim && index.sizes()[d] > other.sizes()[d]) {
                throw new ScriptError("Size does not match at dimension " + d + " expected index "
                    + Arrays.toString(index.sizes())
                    + " to be smaller than " + otherName + " " + Arrays.toString(other.sizes())
                    + " apart from dimension " + dim);
            }
        }
    }

    private static long inBounds(long i, long size, int dim) {
        if (i < 0 || i >= size) throw IndexList.outOfBounds(i, dim, size);
        return i;
    }

    private static void gather(Args a, Tensor out) {
        Tensor index = line(a.tensor(2));
        Tensor self = line(a.tensor(0));
        if (index.numel() == 0) return;
        int dim = Shapes.wrapDim(a.int64(1), self.dim());
        checkIndex("gather", index, self, "input", dim);
        long[] at = IndexList.longs(index);
        long[] outer = offsets(self.strides(), index.sizes(), 0, dim);
        long[] inner = offsets(self.strides(), index.sizes(), dim + 1, self.dim());
        long[] from = new long[at.length];
        long stride = self.strides()[dim];
        int k = 0;
        for (long o : outer) {
            for (long i = 0; i < index.sizes()[dim]; i++) {
                for (long n : inner) {
                    from[k] = o + n + inBounds(at[k], self.sizes()[dim], dim) * stride;
                    k++;
                }
            }
        }
        Tensor flat = self.view(new long[] {from.length}, new long[] {1});
        MappedCopy.run(flat, out.view(new long[] {from.length}, new long[] {1}), new long[][] {from});
    }

    private static void gatherOnDevice(Args a, Tensor out) {
        Tensor index = line(a.tensor(2)), self = line(a.tensor(0));
        if (index.numel() == 0) return;
        int dim = Shapes.wrapDim(a.int64(1), self.dim());
        checkIndex("gather", index, self, "input", dim);
        CudaIndexing.choose(a.context(), self, IndexOps.zeroAt(self.strides(), dim), line(out), List.of(axis(index, self, dim, false)),
            (i, n) -> IndexList.outOfBounds(i, dim, n));
    }

    private static CudaIndexing.Axis axis(Tensor index, Tensor self, int dim, boolean wraps) {
        return new CudaIndexing.Axis(index, self.sizes()[dim], self.strides()[dim], wraps);
    }

    /** {@link #combine} on a device. @param index of the shape of {@code src} */
    private static void combineOnDevice(CallContext c, Tensor self, int dim, Tensor index, boolean wraps, Tensor src, Reduce reduce,
                                        BiFunction<Long, Long, ScriptError> bad) {
        if (self.dtype().isComplex() && (reduce == Reduce.MAX || reduce == Reduce.MIN)) throw Reduce.noOrder();
        CudaIndexing.scatter(c, self, IndexOps.zeroAt(self.strides(), dim), src, new int[] {dim}, List.of(axis(index, self, dim, wraps)), reduce.join(), bad);
    }

    private static Tensor scatter(Args a, Tensor target, Tensor source, Reduce reduce) {
        Tensor index = line(a.tensor(2));
        Tensor self = line(target);
        if (index.numel() == 0) return target;
        int dim = Shapes.wrapDim(a.int64(1), self.dim());
        Tensor src = line(source);
        if (src.dtype() != self.dtype()) {
            throw new ScriptError("scatter(): Expected self.dtype to be equal to src.dtype");
        }
        checkIndex("scatter", index, self, "self", dim);
        checkIndex("scatter", index, src, "src", -1);
        if (a.context().isOnDevice()) {
            combineOnDevice(a.context(), self, dim, a.context().here(index), false, part(src, index), reduce, (i, n) -> IndexList.outOfBounds(i, dim, n));
            return target;
        }
        combine(self, dim, IndexList.longs(index), false, src, index.sizes(), reduce);
        return target;
    }

    /** What of the source an index of this shape speaks of. */
    private static Tensor part(Tensor src, Tensor index) { return src.view(index.sizes(), src.strides()); }

    /** index_add and its kin: one index for each position of a dimension. */
    private static Tensor indexed(Args a, Tensor target, Tensor source, Reduce reduce) {
        Tensor self = line(target);
        Tensor src = line(source);
        int dim = Shapes.wrapDim(a.int64(1), self.dim());
        Tensor index = a.tensor(2);
        if (index.dim() > 1) {
            throw new ScriptError("Index is supposed to be a vector, but got " + Arrays.toString(index.sizes()));
        }
        if (index.dtype() != ScalarType.INT64 && index.dtype() != ScalarType.INT32) {
            throw new ScriptError("Expected dtype int32/int64 for index");
        }
        if (src.dtype() != self.dtype()) throw new ScriptError("self and source expected to have the same dtype, "
            + "but got (self) "
            + self.dtype().printName() + " and (source) " + src.dtype().printName());
        long[] want = self.sizes().clone();
        want[dim] = index.numel();
        if (!Arrays.equals(want, src.sizes())) {
            throw new ScriptError("Source/destination tensor must have same slice shapes and one slice for each "
                + "index. Destination "
                + Arrays.toString(self.sizes()) + " at dimension " + dim + " with " + index.numel()
                + " indices, source "
                + Arrays.toString(src.sizes()));
        }
        if (a.context().isOnDevice()) {
            combineOnDevice(a.context(), self, dim, IndexOps.along(a.context().here(index), dim, src.sizes()), true, src, reduce,
                (_, _) -> IndexOps.outOfRange());
            return target;
        }
        long[] at = IndexList.longs(index);
        for (int i = 0; i < at.length; i++) if (at[i] < 0) at[i] += self.sizes()[dim];
        for (long i : at) if (i < 0 || i >= self.sizes()[dim]) throw IndexOps.outOfRange();
        combine(self, dim, at, true, src, src.sizes(), reduce);
        return target;
    }

    /** @param shared true if {@code at} has one index for each position of the dimension, else one for each element */
    private static void combine(Tensor self, int dim, long[] at, boolean shared, Tensor src, long[] sizes,
        Reduce reduce) {
        if (shared && rowsAreContiguous(self, dim) && rowsAreContiguous(src, dim)) {
            combineRows(self, dim, at, src, reduce);
            return;
        }
        long[] outer = offsets(self.strides(), sizes, 0, dim);
        long[] inner = offsets(self.strides(), sizes, dim + 1, self.dim());
        long[] outerFrom = offsets(src.strides(), sizes, 0, dim);
        long[] innerFrom = offsets(src.strides(), sizes, dim + 1, src.dim());
        long size = self.sizes()[dim];
        int k = 0;
        for (int o = 0; o < outer.length; o++) {
            for (int i = 0; i < sizes[dim]; i++) {
                long from = src.offset() + outerFrom[o] + i * src.strides()[dim];
                for (int n = 0; n < inner.length; n++, k++) {
                    long to = self.offset() + outer[o] + inner[n]
                        + inBounds(at[shared ? i : k], size, dim) * self.strides()[dim];
                    reduce.element(self.dtype(), self.data(), to, src.data(), from + innerFrom[n]);
                }
            }
        }
    }

    private static boolean rowsAreContiguous(Tensor t, int dim) {
        long step = 1;
        for (int d = t.dim() - 1; d > dim; d--) {
            if (t.strides()[d] != step) return false;
            step *= t.sizes()[d];
        }
        return true;
    }

    private static void combineRows(Tensor self, int dim, long[] at, Tensor src, Reduce reduce) {
        long[] outer = offsets(self.strides(), self.sizes(), 0, dim);
        long[] outerFrom = offsets(src.strides(), src.sizes(), 0, dim);
        long length = 1;
        for (int d = dim + 1; d < self.dim(); d++) length *= self.sizes()[d];
        for (int o = 0; o < outer.length; o++) {
            for (int i = 0; i < at.length; i++) {
                long to = self.offset() + outer[o] + inBounds(at[i], self.sizes()[dim], dim) * self.strides()[dim];
                reduce.row(self.dtype(), self.data(), to, src.data(),
                    src.offset() + outerFrom[o] + i * src.strides()[dim], length);
            }
        }
    }

    private static Tensor scatterReduce(Args a, Tensor target, Tensor indexArgument, Tensor source) {
        Tensor self = line(target);
        Tensor index = line(indexArgument);
        Tensor src = line(source);
        String name = a.str(4);
        Reduce reduce = reduce(name);
        if (index.numel() == 0) return target;
        int dim = Shapes.wrapDim(a.int64(1), self.dim());
        if (src.dtype() != self.dtype()) {
            throw new ScriptError("scatter(): Expected self.dtype to be equal to src.dtype");
        }
        checkIndex("scatter", index, self, "self", dim);
        checkIndex("scatter", index, src, "src", -1);
        if (a.context().isOnDevice()) {
            reduceOnDevice(a.context(), self, dim, a.context().here(index), part(src, index), reduce, name.equals("mean"), a.bool(5));
            return target;
        }
        long[] rowMajor = Shapes.contiguousStrides(self.sizes());
        long[] outer = offsets(rowMajor, index.sizes(), 0, dim);
        long[] inner = offsets(rowMajor, index.sizes(), dim + 1, self.dim());
        long[] places = offsets(self.strides(), self.sizes(), 0, self.dim());
        long[] from = offsets(src.strides(), index.sizes(), 0, src.dim());
        long[] at = IndexList.longs(index);
        int[] counts = new int[places.length];
        if (a.bool(5)) Arrays.fill(counts, 1);
        int k = 0;
        for (long o : outer) {
            for (int i = 0; i < index.sizes()[dim]; i++) {
                for (long n : inner) {
                    int place = (int) (o + n + inBounds(at[k], self.sizes()[dim], dim) * rowMajor[dim]);
                    // without self the first element replaces what is there
                    Reduce how = counts[place]++ == 0 ? Reduce.ASSIGN : reduce;
                    how.element(self.dtype(), self.data(), self.offset() + places[place], src.data(),
                        src.offset() + from[k]);
                    k++;
                }
            }
        }
        if (name.equals("mean")) divide(self, places, counts);
        return target;
    }

    /** Places that take part without their own content begin with what changes nothing; a mean divides by the counts. */
    private static void reduceOnDevice(CallContext c, Tensor self, int dim, Tensor index, Tensor src, Reduce reduce, boolean mean, boolean includeSelf) {
        BiFunction<Long, Long, ScriptError> bad = (i, n) -> IndexList.outOfBounds(i, dim, n);
        if (!includeSelf) {
            Tensor neutral = Views.expand(Fill.scalar(c, self.dtype(), reduce.neutral(self.dtype())), src.sizes());
            combineOnDevice(c, self, dim, index, false, neutral, Reduce.ASSIGN, bad);
        }
        combineOnDevice(c, self, dim, index, false, src, reduce, bad);
        if (!mean) return;
        Tensor counts = Fill.dense(c, c.empty(ScalarType.INT64, self.sizes()), includeSelf ? 1L : 0L);
        Tensor one = Views.expand(Fill.scalar(c, ScalarType.INT64, 1L), src.sizes());
        combineOnDevice(c, counts, dim, index, false, one, Reduce.ADD, bad);
        c.call("aten::clamp_min_", counts, 1L);
        Elementwise.copy(c, c.tensor("aten::div.Tensor_mode", self, counts, self.dtype().isIntegral() ? "floor" : null), self);
    }

    private static void divide(Tensor t, long[] places, int[] counts) {
        for (int i = 0; i < places.length; i++) {
            if (counts[i] <= 1) continue;
            long at = t.offset() + places[i];
            if (t.dtype().isFloating()) {
                Elements.setDouble(t.data(), t.dtype(), at, Elements.getDouble(t.data(), t.dtype(), at) / counts[i]);
            } else {
                Elements.setLong(t.data(), t.dtype(), at,
                    Math.floorDiv(Elements.getLong(t.data(), t.dtype(), at), (long) counts[i]));
            }
        }
    }

    private static Tensor put(Args a, Tensor self) {
        Tensor source = a.tensor(2);
        if (source.numel() != a.tensor(1).numel()) {
            throw new ScriptError("put_(): Expected source and index to have the same number of elements, but got "
                + "source.numel() = "
                + source.numel() + ", index.numel() = " + a.tensor(1).numel());
        }
        if (source.dtype() != self.dtype()) throw new ScriptError("put_(): self and source expected to have the "
            + "same dtype, but got self.dtype = "
            + self.dtype().printName() + " and source.dtype = " + source.dtype().printName());
        Reduce reduce = a.bool(3) ? Reduce.ADD : Reduce.ASSIGN;
        CallContext c = a.context();
        if (c.isOnDevice()) {
            Tensor target = ViewOps.contiguous(c, self);
            combineOnDevice(c, Views.view(target, -1), 0, ViewOps.reshape(c, c.here(a.tensor(1)), -1), true, ViewOps.reshape(c, source, -1), reduce,
                ScatterOps::unputtable);
            if (target != self) Elementwise.copy(c, target, self);
            return self;
        }
        long[] index = IndexList.longs(a.tensor(1));
        long[] places = offsets(self.strides(), self.sizes(), 0, self.dim());
        long[] from = offsets(source.strides(), source.sizes(), 0, source.dim());
        for (int i = 0; i < index.length; i++) {
            long at = index[i] < 0 ? index[i] + places.length : index[i];
            if (at < 0 || at >= places.length) throw unputtable(index[i], places.length);
            reduce.element(self.dtype(), self.data(), self.offset() + places[(int) at], source.data(),
                source.offset() + from[i]);
        }
        return self;
    }

    private static ScriptError unputtable(long index, long elements) {
        return new ScriptError("put_(): index " + index + " is out of range for " + elements + " elements");
    }
}
