package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;

/** Elements written to the places along one dimension that an index names: scatter and the index_… operators. */
final class ScatterOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        both(ops, "scatter", ".src", "int dim, Tensor index, Tensor src", (a, t) ->
            scatter(a, t, a.tensor(3), Reduce.ASSIGN));
        both(ops, "scatter", ".value", "int dim, Tensor index, Scalar value", (a, t) ->
            scatter(a, t, value(a, t), Reduce.ASSIGN));
        both(ops, "scatter", ".reduce", "int dim, Tensor index, Tensor src, *, str reduce",
            (a, t) -> scatter(a, t, a.tensor(3), Reduce.named(a.str(4))));
        both(ops, "scatter", ".value_reduce", "int dim, Tensor index, Scalar value, *, str reduce",
            (a, t) -> scatter(a, t, value(a, t), Reduce.named(a.str(4))));
        both(ops, "scatter_add", "", "int dim, Tensor index, Tensor src", (a, t) ->
            scatter(a, t, a.tensor(3), Reduce.ADD));
        both(ops, "scatter_reduce", ".two", "int dim, Tensor index, Tensor src, str reduce, *, bool include_self=True",
            (a, t) -> ScatterReduce.run(a, t, a.tensor(2), a.tensor(3)));
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
            return ScatterReduce.run(a, t, Views.expand(Views.view(a.tensor(2), shape), source.sizes()), source);
        });
    }

    private interface Write { Tensor into(Args a, Tensor target); }

    /** Declares the form that writes to self and the one that writes to a copy of it. */
    private static void both(Catalog ops, String name, String overload, String arguments, Write write) {
        ops.op("aten::" + name + overload + "(Tensor self, " + arguments + ") -> Tensor")
            .composite(a -> write.into(a, ViewOps.copy(a.context(), a.tensor(0))));
        ops.op("aten::" + name + "_" + overload + "(Tensor(a!) self, " + arguments + ") -> Tensor(a!)")
            .composite(a -> write.into(a, a.tensor(0)));
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

    private static Tensor scatter(Args a, Tensor target, Tensor source, Reduce reduce) {
        Tensor index = Lines.line(a.tensor(2));
        Tensor self = Lines.line(target);
        if (index.numel() == 0) return target;
        int dim = Shapes.wrapDim(a.int64(1), self.dim());
        Tensor src = Lines.line(source);
        if (src.dtype() != self.dtype()) {
            throw new ScriptError("scatter(): Expected self.dtype to be equal to src.dtype");
        }
        Lines.checkIndex("scatter", index, self, "self", dim);
        Lines.checkIndex("scatter", index, src, "src", -1);
        if (a.context().isOnDevice()) {
            Combine.onDevice(a.context(), self, dim, a.context().here(index), false, Lines.part(src, index), reduce, (i, n) -> IndexList.outOfBounds(i, dim, n));
            return target;
        }
        Combine.onHost(self, dim, IndexList.longs(index), false, src, index.sizes(), reduce);
        return target;
    }

    /** index_add and its kin: one index for each position of a dimension. */
    private static Tensor indexed(Args a, Tensor target, Tensor source, Reduce reduce) {
        Tensor self = Lines.line(target);
        Tensor src = Lines.line(source);
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
            Combine.onDevice(a.context(), self, dim, IndexOps.along(a.context().here(index), dim, src.sizes()), true, src, reduce,
                (_, _) -> IndexOps.outOfRange());
            return target;
        }
        long[] at = IndexList.longs(index);
        for (int i = 0; i < at.length; i++) if (at[i] < 0) at[i] += self.sizes()[dim];
        for (long i : at) if (i < 0 || i >= self.sizes()[dim]) throw IndexOps.outOfRange();
        Combine.onHost(self, dim, at, true, src, src.sizes(), reduce);
        return target;
    }
}
