package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;
import java.util.stream.LongStream;

/** Rows of a table by number, singly or summed in bags. */
final class EmbeddingOps implements OpFamily {
    private static final String BAG =
        "(Tensor weight, Tensor indices, Tensor offsets, bool scale_grad_by_freq=False, int mode=0,"
        + " bool sparse=False, Tensor? per_sample_weights=None, bool include_last_offset=False";
    private static final String FOUR = " -> (Tensor, Tensor, Tensor, Tensor)";
    static final int SUM = 0, MEAN = 1, MAX = 2;

    @Override public void declare(Catalog ops) {
        ops.op("aten::embedding(Tensor weight, Tensor indices, int padding_idx=-1, bool scale_grad_by_freq=False, "
            + "bool sparse=False)"
            + " -> Tensor").composite(EmbeddingOps::embedding);
        ops.op("aten::embedding_renorm_(Tensor(a!) self, Tensor indices, float max_norm, float norm_type) -> "
            + "Tensor(a!)")
            .composite(EmbeddingOps::renorm);
        ops.op("aten::embedding_bag" + BAG + ")" + FOUR).composite(a -> bags(a, -1));
        ops.op("aten::embedding_bag.padding_idx(Tensor weight, Tensor indices, Tensor offsets, bool "
            + "scale_grad_by_freq, int mode,"
            + " bool sparse, Tensor? per_sample_weights, bool include_last_offset, int? padding_idx)" + FOUR)
            .composite(a -> bags(a, a.isNone(8) ? -1 : Math.floorMod(a.int64(8), a.tensor(0).sizes()[0])));
        ops.op("aten::_embedding_bag" + BAG + ", int padding_idx=-1)" + FOUR).composite(a -> bags(a, a.int64(8)));
        ops.op("aten::_embedding_bag_forward_only" + BAG + ", int padding_idx=-1)" + FOUR)
            .composite(a -> bags(a, a.int64(8)));
    }

    private static Object embedding(Args a) {
        Tensor weight = a.tensor(0);
        Tensor indices = a.tensor(1);
        if (weight.dim() != 2) throw new ScriptError("'weight' must be 2-D");
        checkIntegers(indices);
        Tensor rows = IndexOps.select(a.context(), weight, 0, ViewOps.reshape(a.context(), indices, -1));
        return Views.view(rows, Views.with(indices.sizes(), indices.dim(), weight.sizes()[1]));
    }

    private static void checkIntegers(Tensor indices) {
        if (indices.dtype() != ScalarType.INT64 && indices.dtype() != ScalarType.INT32) {
            throw new ScriptError("Expected tensor for argument #1 'indices' to have one of the following scalar "
                + "types: Long, Int; "
                + "but got " + indices.dtype().printName() + " instead (while checking arguments for embedding)");
        }
    }

    /** Scales the rows whose norm is above the limit, in place. */
    private static Object renorm(Args a) {
        Tensor weight = a.tensor(0);
        double limit = a.float64(2);
        double p = a.float64(3);
        if (a.context().isOnDevice()) return renormOnDevice(a.context(), weight, a.tensor(1), limit, p);
        for (long row : LongStream.of(IndexOps.checked(IndexList.longs(a.tensor(1)), weight.sizes()[0])).distinct()
            .toArray()) {
            Tensor r = Views.select(weight, 0, row);
            double norm = 0;
            for (double x : r.toDoubleArray()) {
                norm = p == Double.POSITIVE_INFINITY ? Math.max(norm, Math.abs(x)) : norm + Math.pow(Math.abs(x), p);
            }
            if (p != Double.POSITIVE_INFINITY) norm = Math.pow(norm, 1 / p);
            if (norm > limit) a.context().call("aten::mul_.Scalar", r, limit / (norm + 1e-7));
        }
        return weight;
    }

    /** Rows that are named twice are written twice, with the same numbers. */
    private static Tensor renormOnDevice(CallContext c, Tensor weight, Tensor indices, double limit, double p) {
        Tensor named = ViewOps.reshape(c, indices, -1);
        Tensor rows = c.tensor("aten::index_select", weight, 0L, named);
        Tensor norms = c.tensor("aten::norm.ScalarOpt_dim", rows, p, new long[] {1}, true);
        Tensor scale = c.tensor("aten::mul.Scalar", c.tensor("aten::reciprocal", c.tensor("aten::add.Scalar", norms, 1e-7, 1L)), limit);
        Tensor factors = c.tensor("aten::where.ScalarOther", c.tensor("aten::gt.Scalar", norms, limit), scale, 1.0);
        return c.tensor("aten::index_copy_", weight, 0L, named, c.tensor("aten::mul.Tensor", rows, factors));
    }

    /** Results: the bags; the bag of each index; the number of indices in each bag; the row of each maximum. */
    private static Object bags(Args a, long padding) {
        CallContext c = a.context();
        Tensor weight = a.tensor(0);
        checkIntegers(a.tensor(1));
        int mode = a.int32(4);
        if (!a.isNone(6) && mode != SUM) {
            throw new ScriptError("embedding_bag: per_sample_weights was not None. per_sample_weights is only "
                + "supported for mode='sum'");
        }
        if (c.isOnDevice()) return new DeviceBags(a, padding).results(mode);
        long[] indices = IndexOps.checked(IndexList.longs(a.tensor(1)), weight.sizes()[0]);
        long[] starts = IndexList.longs(a.tensor(2));
        int n = a.bool(7) ? starts.length - 1 : starts.length;
        checkOffsets(starts, indices.length, n);
        double[] scale = a.isNone(6) ? null : a.tensor(6).toDoubleArray();
        long width = weight.sizes()[1];
        Tensor out = c.zeros(weight.dtype(), n, width);
        Tensor bagOf = c.empty(ScalarType.INT64, indices.length);
        Tensor size = c.zeros(ScalarType.INT64, n);
        Tensor largest = c.zeros(ScalarType.INT64, mode == MAX ? n : 0, mode == MAX ? width : 0);
        double[][] table = rows(weight, indices);
        for (int b = 0; b < n; b++) {
            double[] sum = new double[Math.toIntExact(width)];
            long count = 0;
            for (int k = (int) starts[b],
                end = b + 1 < starts.length ? (int) starts[b + 1] : indices.length; k < end; k++) {
                Elements.setLong(bagOf.data(), ScalarType.INT64, k, b);
                if (indices[k] == padding) continue;
                add(sum, table[k], scale == null ? 1 : scale[k], mode, count++ == 0, indices[k], largest, b * width);
            }
            Elements.setLong(size.data(), ScalarType.INT64, b, count);
            double divisor = mode == MEAN && count > 0 ? count : 1;
            for (int j = 0; j < width; j++) {
                Elements.setDouble(out.data(), out.dtype(), b * width + j, sum[j] / divisor);
            }
        }
        return new Object[] {out, bagOf, size, largest};
    }

    private static void checkOffsets(long[] starts, int indices, int bags) {
        if (bags < 0) throw new ScriptError("include_last_offset: numBags should be at least 1");
        if (starts.length > 0 && starts[0] != 0) {
            throw new ScriptError("offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start "
                + "from position 0. However, got "
                + starts[0]);
        }
        for (int i = 1; i < starts.length; i++) {
            if (starts[i] < starts[i - 1] || starts[i] > indices) {
                throw new ScriptError("offsets " + Arrays.toString(starts)
                    + " must rise and not exceed the number of indices, " + indices);
            }
        }
    }

    private static double[][] rows(Tensor weight, long[] indices) {
        double[][] out = new double[indices.length][];
        for (int k = 0; k < indices.length; k++) out[k] = Views.select(weight, 0, indices[k]).toDoubleArray();
        return out;
    }

    private static void add(double[] sum, double[] row, double scale, int mode, boolean first, long index,
        Tensor largest, long at) {
        for (int j = 0; j < row.length; j++) {
            if (mode != MAX) {
                sum[j] += scale * row[j];
            } else if (first || row[j] > sum[j]) {
                sum[j] = row[j];
                Elements.setLong(largest.data(), ScalarType.INT64, at + j, index);
            }
        }
    }
}
