package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;

/**
 * embedding_bag by operators on whole tensors, for a device: nothing is read back. As PyTorch does there, it takes the offsets as
 * they are; those beyond the indices are errors.
 */
final class DeviceBags {
    private final CallContext c;
    private final Args a;
    private final ScalarType type;
    private final long bags, width;
    private final Tensor indices, rows, isKept, bagOf;

    /** @param padding the row that does not count, or -1 */
    DeviceBags(Args a, long padding) {
        this.a = a;
        c = a.context();
        Tensor weight = a.tensor(0), starts = a.tensor(2);
        type = weight.dtype();
        width = weight.sizes()[1];
        bags = starts.numel();       // with what include_last_offset leaves over
        indices = ViewOps.reshape(c, as(a.tensor(1), ScalarType.INT64), -1);
        isKept = Views.unsqueeze(c.tensor("aten::ne.Scalar", indices, padding), 1);
        Tensor chosen = as(c.tensor("aten::index_select", weight, 0L, indices), type.byteSize() == 2 ? ScalarType.FLOAT32 : type);
        rows = a.isNone(6) ? chosen : c.tensor("aten::mul.Tensor", chosen, Views.unsqueeze(as(a.tensor(6), chosen.dtype()), 1));
        bagOf = bagOf(starts);
    }

    private Tensor as(Tensor t, ScalarType wanted) { return c.tensor("aten::to.dtype", t, (long) wanted.code()); }

    /** How many bags have begun at each index, but one. */
    private Tensor bagOf(Tensor starts) {
        long n = indices.numel();
        Tensor begun = c.tensor("aten::index_add", c.zeros(ScalarType.INT64, n + 1), 0L, starts, ones(bags));
        return c.tensor("aten::sub.Scalar", Views.narrow(c.tensor("aten::cumsum", begun, 0L), 0, 0, n), 1L, 1L);
    }

    private Tensor ones(long n) { return Views.expand(Fill.scalar(c, ScalarType.INT64, 1L), n); }

    private Tensor added(Tensor values, long... sizes) {
        return c.tensor("aten::index_add", c.zeros(values.dtype(), sizes), 0L, bagOf, values);
    }

    /** The bags; the bag of each index; the number of indices in each bag; the row of each maximum. */
    Object[] results(int mode) {
        long n = a.bool(7) ? bags - 1 : bags;
        Tensor size = added(as(Views.squeeze(isKept, 1), ScalarType.INT64), bags);
        Tensor out, largest = null;
        if (mode == EmbeddingOps.MAX) {
            Tensor places = Views.expand(Views.unsqueeze(bagOf, 1), rows.sizes()), isEmpty = Views.unsqueeze(c.tensor("aten::eq.Scalar", size, 0L), 1);
            Tensor candidates = c.tensor("aten::where.ScalarOther", isKept, rows, Double.NEGATIVE_INFINITY);
            Tensor least = Fill.dense(c, c.empty(rows.dtype(), bags, width), Double.NEGATIVE_INFINITY);
            Tensor most = c.tensor("aten::scatter_reduce.two", least, 0L, places, candidates, "amax", true);
            largest = c.tensor("aten::masked_fill.Scalar", firstOf(most, places), isEmpty, 0L);
            out = c.tensor("aten::masked_fill.Scalar", most, isEmpty, 0L);
        } else {
            out = added(c.tensor("aten::where.ScalarOther", isKept, rows, 0L), bags, width);
            if (mode == EmbeddingOps.MEAN) out = c.tensor("aten::div.Tensor", out, Views.unsqueeze(c.tensor("aten::clamp_min", size, 1L), 1));
        }
        return new Object[] {Views.narrow(as(out, type), 0, 0, n), bagOf, Views.narrow(size, 0, 0, n),
            largest == null ? c.zeros(ScalarType.INT64, 0, 0) : Views.narrow(largest, 0, 0, n)};
    }

    /** The row with each bag's maximum, the first of several. */
    private Tensor firstOf(Tensor most, Tensor places) {
        long n = indices.numel();
        if (n == 0) return c.zeros(ScalarType.INT64, bags, width);
        Tensor isMost = c.tensor("aten::logical_and", c.tensor("aten::eq.Tensor", rows, c.tensor("aten::gather", most, 0L, places)), isKept);
        Tensor number = Views.unsqueeze(c.tensor("aten::arange", n), 1);
        Tensor candidates = c.tensor("aten::where.ScalarOther", isMost, Views.expand(number, rows.sizes()), n - 1);
        Tensor all = Fill.dense(c, c.empty(ScalarType.INT64, bags, width), n - 1);
        return c.tensor("aten::take", indices, c.tensor("aten::scatter_reduce.two", all, 0L, places, candidates, "amin", true));
    }
}
