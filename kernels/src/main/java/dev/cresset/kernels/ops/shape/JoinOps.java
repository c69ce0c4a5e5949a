package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/** Several tensors as one: cat, stack and what is made of them. */
final class JoinOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        ops.op("aten::cat(Tensor[] tensors, int dim=0) -> Tensor")
            .kernel(a -> catMeta(a.tensors(0), a.int64(1)), JoinOps::cat).everywhere()
            .alsoAs("aten::cat.out(Tensor[] tensors, int dim=0, *, Tensor(a!) out) -> Tensor(a!)")
            .alsoAs("aten::concat(Tensor[] tensors, int dim=0) -> Tensor")
            .alsoAs("aten::concatenate(Tensor[] tensors, int dim=0) -> Tensor");
        ops.op("aten::stack(Tensor[] tensors, int dim=0) -> Tensor")
            .kernel(a -> stackMeta(a.tensors(0), a.int64(1)), JoinOps::stack).everywhere()
            .alsoAs("aten::stack.out(Tensor[] tensors, int dim=0, *, Tensor(a!) out) -> Tensor(a!)")
            .alsoAs("aten::_stack(Tensor[] tensors, int dim=0) -> Tensor");
        joined(ops, "hstack", t -> ViewOps.atLeast(t, 1), 1);
        joined(ops, "vstack", t -> ViewOps.atLeast(t, 2), 0);
        joined(ops, "row_stack", t -> ViewOps.atLeast(t, 2), 0);
        joined(ops, "dstack", t -> ViewOps.atLeast(t, 3), 2);
        joined(ops, "column_stack", t -> t.dim() > 1 ? t : Views.view(t, t.numel(), 1), 1);
        ops.op("aten::block_diag(Tensor[] tensors) -> Tensor").kernel(a -> blocksMeta(a.tensors(0)), JoinOps::blocks).everywhere();
        ops.op("aten::diff(Tensor self, int n=1, int dim=-1, Tensor? prepend=None, Tensor? append=None) -> Tensor")
            .composite(JoinOps::differences);
        ops.op("aten::cartesian_prod(Tensor[] tensors) -> Tensor").composite(JoinOps::product);
        ops.op("aten::combinations(Tensor self, int r=2, bool with_replacement=False) -> Tensor")
            .composite(JoinOps::combinations);
    }

    private static void joined(Catalog ops, String name, UnaryOperator<Tensor> shaped, int dim) {
        ops.op("aten::" + name + "(Tensor[] tensors) -> Tensor").composite(a -> {
            List<Tensor> tensors = a.tensors(0).stream().map(shaped).toList();
            if (tensors.isEmpty()) throw new ScriptError(name + " expects a non-empty TensorList");
            return cat(a.context(), tensors, Math.min(dim, tensors.getFirst().dim() - 1));
        });
    }

    /** The tensors one after another along a dimension. */
    static Tensor cat(CallContext context, List<Tensor> tensors, long dim) {
        return context.tensor("aten::cat", tensors, dim);
    }

    /** An empty 1-D tensor joins with anything, a habit from before there were other empty tensors. */
    private static boolean isSkipped(Tensor t) { return t.dim() == 1 && t.sizes()[0] == 0; }

    private static Meta catMeta(List<Tensor> tensors, long dim) {
        if (tensors.isEmpty()) throw new ScriptError("torch.cat(): expected a non-empty list of Tensors");
        Tensor first = null;
        ScalarType type = tensors.getFirst().dtype();
        for (int i = 0; i < tensors.size(); i++) {
            Tensor t = tensors.get(i);
            if (t.dim() == 0) {
                throw new ScriptError("zero-dimensional tensor (at position " + i + ") cannot be concatenated");
            }
            type = ScalarType.promote(type, t.dtype());
            if (first == null && !isSkipped(t)) first = t;
        }
        if (first == null) return Meta.of(type, 0);
        int d = Shapes.wrapDim(dim, first.dim());
        long[] sizes = first.sizes().clone();
        sizes[d] = 0;
        boolean channelsLast = true;
        for (int i = 0; i < tensors.size(); i++) {
            Tensor t = tensors.get(i);
            if (isSkipped(t)) continue;
            checkFits(first, t, d, i);
            sizes[d] += t.sizes()[d];
            channelsLast &= !t.isContiguous() && t.isContiguous(Shapes.CHANNELS_LAST);
        }
        return channelsLast ? new Meta(type, sizes, Shapes.channelsLastStrides(sizes)) : Meta.of(type, sizes);
    }

    private static void checkFits(Tensor first, Tensor t, int dim, int number) {
        if (t.dim() != first.dim()) {
            throw new ScriptError("Tensors must have same number of dimensions: got " + first.dim() + " and "
                + t.dim());
        }
        for (int d = 0; d < t.dim(); d++) {
            if (d != dim && t.sizes()[d] != first.sizes()[d]) {
                throw new ScriptError("Sizes of tensors must match except in dimension " + dim + ". Expected size "
                    + first.sizes()[d]
                    + " but got size " + t.sizes()[d] + " for tensor number " + number + " in the list.");
            }
        }
    }

    private static void cat(Args a, Tensor out) {
        int d = Shapes.wrapDim(a.int64(1), out.dim());
        long at = 0;
        for (Tensor t : a.tensors(0)) {
            if (isSkipped(t)) continue;
            long n = t.sizes()[d];
            if (t.numel() > 0) Elementwise.copy(a.context(), t, Views.narrow(out, d, at, n));
            at += n;
        }
    }

    private static Meta stackMeta(List<Tensor> tensors, long dim) {
        if (tensors.isEmpty()) throw new ScriptError("stack expects a non-empty TensorList");
        Tensor first = tensors.getFirst();
        int d = Shapes.wrapDim(dim, first.dim() + 1);
        ScalarType type = first.dtype();
        for (int i = 0; i < tensors.size(); i++) {
            Tensor t = tensors.get(i);
            type = ScalarType.promote(type, t.dtype());
            if (!Arrays.equals(t.sizes(), first.sizes())) {
                throw new ScriptError("stack expects each tensor to be equal size, but got "
                    + Arrays.toString(first.sizes())
                    + " at entry 0 and " + Arrays.toString(t.sizes()) + " at entry " + i);
            }
        }
        return Meta.of(type, Views.with(first.sizes(), d, tensors.size()));
    }

    private static void stack(Args a, Tensor out) {
        long i = 0;
        for (Tensor t : a.tensors(0)) Elementwise.copy(a.context(), t, Views.select(out, a.int64(1), i++));
    }

    private static Meta blocksMeta(List<Tensor> tensors) {
        long rows = 0;
        long columns = 0;
        ScalarType type = tensors.isEmpty() ? ScalarType.FLOAT32 : tensors.getFirst().dtype();
        for (int i = 0; i < tensors.size(); i++) {
            Tensor t = tensors.get(i);
            if (t.dim() > 2) {
                throw new ScriptError("torch.block_diag: Input tensors must have 2 or fewer dimensions. Input " + i
                    + " has " + t.dim()
                    + " dimensions");
            }
            Tensor m = ViewOps.atLeast(t, 2);
            rows += m.sizes()[0];
            columns += m.sizes()[1];
            type = ScalarType.promote(type, t.dtype());
        }
        return tensors.isEmpty() ? Meta.of(type, 1, 0) : Meta.of(type, rows, columns);
    }

    private static void blocks(Args a, Tensor out) {
        Fill.dense(a.context(), out, 0L);
        long row = 0;
        long column = 0;
        for (Tensor t : a.tensors(0)) {
            Tensor m = ViewOps.atLeast(t, 2);
            Elementwise.copy(a.context(), m, Views.narrow(Views.narrow(out, 0, row, m.sizes()[0]), 1, column, m.sizes()[1]));
            row += m.sizes()[0];
            column += m.sizes()[1];
        }
    }

    /** Differences of neighbours along a dimension, taken n times; of bools whether they differ. */
    private static Object differences(Args a) {
        Tensor t = a.tensor(0);
        if (t.dim() == 0) throw new ScriptError("diff expects input to be at least one-dimensional");
        if (a.int64(1) < 0) throw new ScriptError("order must be non-negative but got " + a.int64(1));
        int d = Shapes.wrapDim(a.int64(2), t.dim());
        List<Tensor> parts = new ArrayList<>();
        if (!a.isNone(3)) parts.add(a.tensor(3));
        parts.add(t);
        if (!a.isNone(4)) parts.add(a.tensor(4));
        Tensor out = parts.size() == 1 ? t : cat(a.context(), parts, d);
        if (a.int64(1) == 0) return ViewOps.copy(a.context(), out);
        for (long k = 0; k < a.int64(1) && (k == 0 || out.sizes()[d] > 0); k++) {
            Tensor later = Views.slice(out, d, 1, Long.MAX_VALUE, 1);
            Tensor earlier = Views.slice(out, d, 0, Math.max(0, out.sizes()[d] - 1), 1);
            out = out.dtype() == ScalarType.BOOL ? a.context().tensor("aten::logical_xor", later, earlier)
                : a.context().tensor("aten::sub.Tensor", later, earlier);
        }
        return out;
    }

    private static Object product(Args a) {
        List<Tensor> tensors = a.tensors(0);
        for (Tensor t : tensors) {
            if (t.dim() != 1) throw new ScriptError("Expect a 1D vector, but got shape " + Arrays.toString(t.sizes()));
        }
        if (tensors.size() == 1) return tensors.getFirst();
        List<Tensor> columns = new ArrayList<>();
        for (Tensor t : SplitOps.meshgrid(tensors, "ij")) columns.add(ViewOps.reshape(a.context(), t, -1));
        return a.context().call("aten::stack", columns, 1L);
    }

    private static Object combinations(Args a) {
        Tensor t = a.tensor(0);
        int r = a.int32(1);
        boolean again = a.bool(2);
        if (t.dim() != 1) throw new ScriptError("Expect a 1D vector, but got shape " + Arrays.toString(t.sizes()));
        if (r < 0) throw new ScriptError("Expect a non-negative number, but got " + r);
        if (r == 0) return a.context().empty(t.dtype(), 0);
        List<long[]> rows = new ArrayList<>();
        choose(new long[r], 0, 0, t.numel(), again, rows);
        long[] flat = rows.stream().flatMapToLong(Arrays::stream).toArray();
        Tensor places = a.context().madeOnHost(() -> Tensor.of(flat, flat.length));
        return Views.view(IndexOps.select(a.context(), t, 0, places), rows.size(), r);
    }

    private static void choose(long[] chosen, int at, long from, long n, boolean again, List<long[]> out) {
        if (at == chosen.length) {
            out.add(chosen.clone());
            return;
        }
        for (long i = from; i < n; i++) {
            chosen[at] = i;
            choose(chosen, at + 1, again ? i : i + 1, n, again, out);
        }
    }
}
