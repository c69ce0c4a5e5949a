package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.kernels.op.Resize;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** Other shapes of the same elements. Only reshape and what is made of it copies, where strides cannot say it. */
final class ViewOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        declareShapes(ops);
        declareDimensions(ops);
        declareParts(ops);
        declareTransposes(ops);
        declareInPlace(ops);
    }

    private static void declareShapes(Catalog ops) {
        ops.op("aten::view(Tensor(a) self, SymInt[] size) -> Tensor(a)").host(a -> Views.view(a.tensor(0), a.longs(1)));
        ops.op("aten::view.dtype(Tensor(a) self, ScalarType dtype) -> Tensor(a)")
            .host(a -> viewAs(a.tensor(0), a.dtype(1)));
        ops.op("aten::view_as(Tensor(a) self, Tensor other) -> Tensor(a)")
            .host(a -> Views.view(a.tensor(0), a.tensor(1).sizes()));
        ops.op("aten::_unsafe_view(Tensor self, SymInt[] size) -> Tensor")
            .host(a -> Views.view(a.tensor(0), a.longs(1)));
        ops.op("aten::reshape(Tensor(a) self, SymInt[] shape) -> Tensor(a)")
            .host(a -> reshape(a.context(), a.tensor(0), a.longs(1)));
        ops.op("aten::reshape_as(Tensor(a) self, Tensor other) -> Tensor(a)")
            .host(a -> reshape(a.context(), a.tensor(0), a.tensor(1).sizes()));
        ops.op("aten::_reshape_alias(Tensor(a) self, SymInt[] size, SymInt[] stride) -> Tensor(a)")
            .host(a -> a.tensor(0).view(a.longs(1), a.longs(2)));
        ops.op("aten::ravel(Tensor(a) self) -> Tensor(a)").host(a -> reshape(a.context(), a.tensor(0), -1));
        ops.op("aten::flatten.using_ints(Tensor(a) self, int start_dim=0, int end_dim=-1) -> Tensor(a)")
            .host(ViewOps::flatten);
        ops.op("aten::unflatten.int(Tensor(a) self, int dim, int[] sizes) -> Tensor(a)").host(ViewOps::unflatten);
        ops.op("aten::expand(Tensor(a) self, SymInt[] size, *, bool implicit=False) -> Tensor(a)")
            .host(a -> Views.expand(a.tensor(0), a.longs(1)));
        ops.op("aten::expand_as(Tensor(a) self, Tensor other) -> Tensor(a)")
            .host(a -> Views.expand(a.tensor(0), a.tensor(1).sizes()));
        ops.op("aten::broadcast_to(Tensor(a) self, int[] size) -> Tensor(a)")
            .host(a -> Views.expand(a.tensor(0), a.longs(1)));
        ops.op("aten::alias(Tensor(a) self) -> Tensor(a)").host(a -> same(a.tensor(0)));
        ops.op("aten::view_as_real(Tensor(a) self) -> Tensor(a)").host(a -> Views.asReal(a.tensor(0)));
        ops.op("aten::view_as_complex(Tensor(a) self) -> Tensor(a)").host(a -> Views.asComplex(a.tensor(0)));
    }

    private static void declareDimensions(Catalog ops) {
        ops.op("aten::squeeze(Tensor(a) self) -> Tensor(a)").host(a -> Views.squeeze(a.tensor(0)));
        ops.op("aten::squeeze.dim(Tensor(a) self, int dim) -> Tensor(a)")
            .host(a -> Views.squeeze(a.tensor(0), a.int64(1)));
        ops.op("aten::unsqueeze(Tensor(a) self, int dim) -> Tensor(a)")
            .host(a -> Views.unsqueeze(a.tensor(0), a.int64(1)));
        ops.op("aten::atleast_1d(Tensor self) -> Tensor").host(a -> atLeast(a.tensor(0), 1));
        ops.op("aten::atleast_2d(Tensor self) -> Tensor").host(a -> atLeast(a.tensor(0), 2));
        ops.op("aten::atleast_3d(Tensor self) -> Tensor").host(a -> atLeast(a.tensor(0), 3));
        ops.op("aten::atleast_1d.Sequence(Tensor[] tensors) -> Tensor[]").host(a -> atLeast(a.tensors(0), 1));
        ops.op("aten::atleast_2d.Sequence(Tensor[] tensors) -> Tensor[]").host(a -> atLeast(a.tensors(0), 2));
        ops.op("aten::atleast_3d.Sequence(Tensor[] tensors) -> Tensor[]").host(a -> atLeast(a.tensors(0), 3));
    }

    private static void declareParts(Catalog ops) {
        ops.op("aten::select.int(Tensor(a) self, int dim, int index) -> Tensor(a)")
            .host(a -> Views.select(a.tensor(0), a.int64(1), a.int64(2)));
        ops.op("aten::slice.Tensor(Tensor(a) self, int dim=0, SymInt? start=None, SymInt? end=None, SymInt step=1) "
            + "-> Tensor(a)")
            .host(a -> Views.slice(a.tensor(0), a.int64(1), a.int64Or(2, 0), a.int64Or(3, Long.MAX_VALUE), a.int64(4)));
        ops.op("aten::narrow(Tensor(a) self, int dim, int start, int length) -> Tensor(a)")
            .host(a -> Views.narrow(a.tensor(0), a.int64(1), a.int64(2), a.int64(3)));
        ops.op("aten::narrow.Tensor(Tensor(a) self, int dim, Tensor start, int length) -> Tensor(a)")
            .host(a -> Views.narrow(a.tensor(0), a.int64(1), (Long) a.tensor(2).item(), a.int64(3)));
        ops.op("aten::diagonal(Tensor(a) self, int offset=0, int dim1=0, int dim2=1) -> Tensor(a)")
            .host(a -> Views.diagonal(a.tensor(0), a.int64(1), a.int64(2), a.int64(3)));
        ops.op("aten::unfold(Tensor(a) self, int dimension, int size, int step) -> Tensor(a)")
            .host(a -> Views.unfold(a.tensor(0), a.int64(1), a.int64(2), a.int64(3)));
        ops.op("aten::as_strided(Tensor(a) self, SymInt[] size, SymInt[] stride, SymInt? storage_offset=None) -> "
            + "Tensor(a)")
            .host(ViewOps::asStrided);
    }

    private static void declareTransposes(Catalog ops) {
        for (String name
            : List.of("transpose.int(Tensor(a) self, int dim0, int dim1)",
            "swapaxes(Tensor(a) self, int axis0, int axis1)",
            "swapdims(Tensor(a) self, int dim0, int dim1)")) {
            ops.op("aten::" + name + " -> Tensor(a)").host(a -> Views.transpose(a.tensor(0), a.int64(1), a.int64(2)));
        }
        ops.op("aten::permute(Tensor(a) self, int[] dims) -> Tensor(a)")
            .host(a -> Views.permute(a.tensor(0), a.longs(1)));
        for (String name : List.of("movedim", "moveaxis")) {
            ops.op("aten::" + name + ".intlist(Tensor(a) self, int[] source, int[] destination) -> Tensor(a)")
                .host(a -> moved(a.tensor(0), a.longs(1), a.longs(2)));
            ops.op("aten::" + name + ".int(Tensor(a) self, int source, int destination) -> Tensor(a)")
                .host(a -> moved(a.tensor(0), new long[] {a.int64(1)}, new long[] {a.int64(2)}));
        }
        ops.op("aten::t(Tensor(a) self) -> Tensor(a)").host(a -> transposed(a.tensor(0)));
        for (String end : List.of("", ".a")) {
            String self = end + "(Tensor(a) self) -> Tensor(a)";
            ops.op("aten::numpy_T" + self).host(a -> reversed(a.tensor(0)));
            ops.op("aten::mT" + self).host(a -> matrixTranspose(a.tensor(0), "mT"));
            ops.op("aten::mH" + self).host(a -> conjugated(a.context(), matrixTranspose(a.tensor(0), "mH")));
            ops.op("aten::matrix_H" + self).host(a -> conjugated(a.context(), transposed(a.tensor(0))));
        }
        ops.op("aten::adjoint(Tensor(a) self) -> Tensor(a)")
            .host(a -> conjugated(a.context(), matrixTranspose(a.tensor(0), "adjoint()")));
    }

    private static void declareInPlace(Catalog ops) {
        ops.op("aten::squeeze_(Tensor(a!) self) -> Tensor(a!)").host(a -> become(a, Views.squeeze(a.tensor(0))));
        ops.op("aten::squeeze_.dim(Tensor(a!) self, int dim) -> Tensor(a!)")
            .host(a -> become(a, Views.squeeze(a.tensor(0), a.int64(1))));
        ops.op("aten::unsqueeze_(Tensor(a!) self, int dim) -> Tensor(a!)")
            .host(a -> become(a, Views.unsqueeze(a.tensor(0), a.int64(1))));
        for (String name
            : List.of("transpose_(Tensor(a!) self, int dim0, int dim1)",
            "swapaxes_(Tensor(a!) self, int axis0, int axis1)",
            "swapdims_(Tensor(a!) self, int dim0, int dim1)")) {
            ops.op("aten::" + name + " -> Tensor(a!)")
                .host(a -> become(a, Views.transpose(a.tensor(0), a.int64(1), a.int64(2))));
        }
        ops.op("aten::t_(Tensor(a!) self) -> Tensor(a!)").host(a -> become(a, transposed(a.tensor(0))));
        ops.op("aten::as_strided_(Tensor(a!) self, SymInt[] size, SymInt[] stride, SymInt? storage_offset=None) -> "
            + "Tensor(a!)")
            .host(a -> become(a, asStrided(a)));
        ops.op("aten::resize_(Tensor(a!) self, SymInt[] size, *, MemoryFormat? memory_format=None) -> Tensor(a!)")
            .host(a -> resized(a.tensor(0), a.longs(1)));
        ops.op("aten::resize_as_(Tensor(a!) self, Tensor the_template, *, MemoryFormat? memory_format=None) -> "
            + "Tensor(a!)")
            .host(a -> resized(a.tensor(0), a.tensor(1).sizes()));
        ops.op("aten::set_.source_Tensor(Tensor(a!) self, Tensor source) -> Tensor(a!)")
            .host(a -> become(a, a.tensor(1)));
        ops.op("aten::set_(Tensor(a!) self) -> Tensor(a!)")
            .host(a -> become(a, a.context().empty(a.tensor(0).dtype(), 0)));
    }

    // ---- used by other families

    /** The same elements in another shape: a view where possible, else a copy. */
    static Tensor reshape(CallContext context, Tensor t, long... shape) {
        Tensor view = Views.viewOrNull(t, shape);
        return view != null ? view : Views.view(contiguous(context, t), shape);
    }

    /** This tensor, or a row-major copy. */
    static Tensor contiguous(CallContext context, Tensor t) { return t.isContiguous() ? t : copy(context, t); }

    /** A row-major copy. */
    static Tensor copy(CallContext context, Tensor t) {
        Tensor out = context.empty(t.dtype(), t.sizes());
        Elementwise.copy(context, t, out);
        return out;
    }

    /** Dimensions of a list moved to given places, the others in their order. */
    static Tensor moved(Tensor t, long[] source, long[] destination) {
        int n = t.dim();
        if (source.length != destination.length) {
            throw new ScriptError("movedim: Invalid source or destination dims: source (" + Arrays.toString(source)
                + " dims) should contain the same number of dims as destination (" + Arrays.toString(destination)
                + " dims)");
        }
        long[] order = new long[n];
        Arrays.fill(order, -1);
        boolean[] used = new boolean[n];
        for (int i = 0; i < source.length; i++) {
            int s = Shapes.wrapDim(source[i], n);
            int d = Shapes.wrapDim(destination[i], n);
            if (n == 0) return same(t);
            if (used[s] || order[d] >= 0) throw new ScriptError("movedim: repeated dim in `source` or `destination`");
            used[s] = true;
            order[d] = s;
        }
        int next = 0;
        for (int d = 0; d < n; d++) {
            if (order[d] >= 0) continue;
            while (used[next]) next++;
            order[d] = next++;
        }
        return Views.permute(t, order);
    }

    static Tensor atLeast(Tensor t, int rank) {
        Tensor out = t;
        if (out.dim() == 0) out = Views.unsqueeze(out, 0);
        if (rank >= 2 && out.dim() == 1) out = Views.unsqueeze(out, 0);
        if (rank == 3 && out.dim() == 2) out = Views.unsqueeze(out, -1);
        return out;
    }

    // ---- bodies

    private static Object atLeast(List<Tensor> tensors, int rank) {
        List<Tensor> out = new ArrayList<>();
        for (Tensor t : tensors) out.add(atLeast(t, rank));
        return dev.cresset.kernels.value.ScriptList.ofTensors(out);
    }

    static Tensor same(Tensor t) { return t.view(t.sizes(), t.strides()); }

    private static Tensor become(Args a, Tensor view) {
        a.tensor(0).become(view);
        return a.tensor(0);
    }

    private static Tensor resized(Tensor t, long[] sizes) {
        if (!Arrays.equals(t.sizes(), sizes)) Resize.resize(t, sizes);
        return t;
    }

    private static Tensor flatten(Args a) {
        Tensor t = a.tensor(0);
        int from = Shapes.wrapDim(a.int64(1), t.dim());
        int to = Shapes.wrapDim(a.int64(2), t.dim());
        if (from > to) throw new ScriptError("flatten() has invalid args: start_dim cannot come after end_dim");
        if (t.dim() == 0) return reshape(a.context(), t, 1);
        if (from == to) return t;
        long flat = 1;
        for (int d = from; d <= to; d++) flat *= t.sizes()[d];
        long[] shape = LongStream.concat(LongStream.concat(Arrays.stream(t.sizes(), 0, from), LongStream.of(flat)),
            Arrays.stream(t.sizes(), to + 1, t.dim())).toArray();
        return reshape(a.context(), t, shape);
    }

    private static Tensor unflatten(Args a) {
        Tensor t = a.tensor(0);
        int d = Shapes.wrapDim(a.int64(1), t.dim());
        if (t.dim() == 0) {
            throw new ScriptError("Dimension specified as " + a.int64(1) + " but tensor has no dimensions");
        }
        if (a.longs(2).length == 0) throw new ScriptError("unflatten: sizes must be non-empty");
        long[] inner = Shapes.infer(a.longs(2), t.sizes()[d]);
        long[] shape = LongStream.concat(LongStream.concat(Arrays.stream(t.sizes(), 0, d), Arrays.stream(inner)),
            Arrays.stream(t.sizes(), d + 1, t.dim())).toArray();
        return Views.view(t, shape);
    }

    private static Tensor asStrided(Args a) {
        Tensor t = a.tensor(0);
        long[] sizes = a.longs(1);
        long[] strides = a.longs(2);
        if (sizes.length != strides.length) throw new ScriptError("mismatch in length of strides and shape");
        long offset = a.int64Or(3, t.offset());
        long last = offset;
        for (int d = 0; d < sizes.length; d++) last += Math.max(0, sizes[d] - 1) * strides[d];
        if (Shapes.numel(sizes) > 0 && (offset < 0 || (last + 1) * t.dtype().byteSize() > t.storage().byteSize())) {
            throw new ScriptError("setStorage: sizes " + Arrays.toString(sizes) + ", strides "
                + Arrays.toString(strides)
                + ", storage offset " + offset + " are out of bounds for storage of size " + t.storage().byteSize());
        }
        return t.view(sizes, strides, offset);
    }

    private static Tensor viewAs(Tensor t, ScalarType dtype) {
        int from = t.dtype().byteSize();
        int to = dtype.byteSize();
        if (from == to) return t.reinterpret(dtype);
        int last = t.dim() - 1;
        if (last < 0) throw new ScriptError("self.dim() cannot be 0 to view " + t.dtype()
            .printName() + " as " + dtype.printName()
            + " (different element sizes)");
        long bytes = t.sizes()[last] * from;
        boolean fits = t.strides()[last] == 1 && bytes % to == 0 && t.byteOffset() % to == 0;
        long[] sizes = t.sizes().clone();
        long[] strides = t.strides().clone();
        sizes[last] = bytes / to;
        for (int d = 0; d < last; d++) {
            fits &= strides[d] * from % to == 0;
            strides[d] = strides[d] * from / to;
        }
        if (!fits) {
            throw new ScriptError("cannot view " + t + " as " + dtype.printName()
                + ": its last dimension must be contiguous and its size, "
                + "strides and offset in bytes divisible by " + to);
        }
        return new Tensor(t.storage(), dtype, t.byteOffset() / to, sizes, strides);
    }

    private static Tensor transposed(Tensor t) {
        if (t.dim() > 2) {
            throw new ScriptError("t() expects a tensor with <= 2 dimensions, but self is " + t.dim() + "D");
        }
        return Views.transpose(t, 0, t.dim() < 2 ? 0 : 1);
    }

    private static Tensor reversed(Tensor t) {
        return Views.permute(t, LongStream.range(0, t.dim()).map(d -> t.dim() - 1 - d).toArray());
    }

    private static Tensor matrixTranspose(Tensor t, String name) {
        if (t.dim() < 2 && t.dim() > 0) {
            throw new ScriptError("tensor." + name
                + " is only supported on matrices or batches of matrices. Got 1-D tensor.");
        }
        return t.dim() == 0 ? t : Views.transpose(t, -2, -1);
    }

    private static Tensor conjugated(CallContext context, Tensor t) {
        return t.dtype().isComplex() ? context.tensor("aten::conj", t) : t;
    }
}
