package dev.cresset.kernels.ops.nn;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;

/** Sequences of different lengths, longest first, as one tensor without padding, and back. */
final class PackedSequenceOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        ops.op("aten::_pack_padded_sequence(Tensor input, Tensor lengths, bool batch_first) -> (Tensor, Tensor)")
            .composite(PackedSequenceOps::pack);
        ops.op("aten::_pad_packed_sequence(Tensor data, Tensor batch_sizes, bool batch_first, Scalar padding_value, int total_length)"
            + " -> (Tensor, Tensor)").composite(PackedSequenceOps::pad);
    }

    private static Object pack(Args a) {
        Tensor input = a.bool(2) ? Views.transpose(a.tensor(0), 0, 1) : a.tensor(0);
        long[] lengths = Heap.longs(a.tensor(1).cpu());
        if (lengths.length != input.size(1)) {
            throw new ScriptError("Expected `len(lengths)` to be equal to batch_size, but got " + lengths.length + " (batch_size="
                + input.size(1) + ")");
        }
        for (int b = 0; b < lengths.length; b++) {
            if (lengths[b] <= 0) {
                throw new ScriptError("Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0");
            }
            if (b > 0 && lengths[b] > lengths[b - 1]) {
                throw new ScriptError("`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass "
                    + "`enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this requirement if you do not "
                    + "need ONNX exportability.");
            }
        }
        long[] sizes = new long[(int) lengths[0]];
        long rows = 0;
        for (long l : lengths) for (int t = 0; t < l; t++) sizes[t]++;
        for (long s : sizes) rows += s;
        long[] shape = Views.without(input.sizes(), 0);
        shape[0] = rows;
        Tensor data = a.context().empty(input.dtype(), shape);
        long at = 0;
        for (int t = 0; t < sizes.length; t++) {
            Elementwise.copy(a.context(), Views.narrow(Views.select(input, 0, t), 0, 0, sizes[t]), Views.narrow(data, 0, at, sizes[t]));
            at += sizes[t];
        }
        Tensor batchSizes = lengths(a.context(), sizes);
        return new Object[] {data, batchSizes};
    }

    private static Object pad(Args a) {
        Tensor data = a.tensor(0);
        long[] sizes = Heap.longs(a.tensor(1).cpu());
        long steps = sizes.length, batch = sizes[0], total = a.int64(4);
        if (total > 0 && total < steps) {
            throw new ScriptError("Expected total_length to be at least the length of the longest sequence in input, but got total_length="
                + total + " and max sequence length being " + steps);
        }
        long[] shape = Views.with(data.sizes(), 0, Math.max(total, steps));
        shape[1] = batch;
        Tensor out = a.context().tensor("aten::full", shape, a.get(3), (long) data.dtype().code(), null, null, null);
        long at = 0;
        long[] lengths = new long[(int) batch];
        for (int t = 0; t < steps; t++) {
            Elementwise.copy(a.context(), Views.narrow(data, 0, at, sizes[t]), Views.narrow(Views.select(out, 0, t), 0, 0, sizes[t]));
            at += sizes[t];
            for (int b = 0; b < sizes[t]; b++) lengths[b]++;
        }
        return new Object[] {a.bool(2) ? Views.transpose(out, 0, 1) : out, lengths(a.context(), lengths)};
    }

    /** On the host, wherever the sequences are: as in PyTorch. */
    private static Tensor lengths(CallContext c, long[] values) {
        Tensor t = c.onHost(() -> c.empty(ScalarType.INT64, values.length));
        Heap.store(values, t);
        return t;
    }
}
