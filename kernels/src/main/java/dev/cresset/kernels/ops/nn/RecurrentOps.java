package dev.cresset.kernels.ops.nn;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.cuda.ops.CudaRecurrent;
import dev.cresset.kernels.cuda.ops.RecurrentCall;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.ArrayList;
import java.util.List;

/** Recurrent networks of several layers and directions, over padded and packed sequences, and their single cells. */
final class RecurrentOps implements OpFamily {
    private final CpuLibraries libraries;

    RecurrentOps(CpuLibraries libraries) { this.libraries = libraries; }

    @Override public void declare(Catalog ops) {
        declare(ops, "lstm", Cell.LSTM);
        declare(ops, "gru", Cell.GRU);
        declare(ops, "rnn_tanh", Cell.TANH);
        declare(ops, "rnn_relu", Cell.RELU);
    }

    private void declare(Catalog ops, String name, Cell cell) {
        String states = cell == Cell.LSTM ? "Tensor[] hx" : "Tensor hx";
        String results = cell == Cell.LSTM ? "(Tensor, Tensor, Tensor)" : "(Tensor, Tensor)";
        String shape = states + ", Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional";
        ops.op("aten::" + name + ".input(Tensor input, " + shape + ", bool batch_first) -> " + results)
            .composite(a -> padded(a, cell));
        ops.op("aten::" + name + ".data(Tensor data, Tensor batch_sizes, " + shape + ") -> " + results).composite(a -> packed(a, cell));
        ops.op("aten::" + name + "_cell(Tensor input, " + states + ", Tensor w_ih, Tensor w_hh, Tensor? b_ih=None, Tensor? b_hh=None) -> "
            + (cell == Cell.LSTM ? "(Tensor, Tensor)" : "Tensor")).composite(a -> cell(a, cell));
    }

    /** What the two sequence forms have in common; {@code at} is the position of the argument hx. */
    private record Network(CallContext context, Cell cell, Tensor[] initial, List<Tensor> parameters, boolean biases, int layers,
        double dropout, boolean bidirectional) {
        static Network of(Args a, Cell cell, int at) {
            Tensor[] initial = cell == Cell.LSTM ? a.tensors(at).toArray(new Tensor[0]) : new Tensor[] {a.tensor(at)};
            return new Network(a.context(), cell, initial, a.tensors(at + 1), a.bool(at + 2), a.int32(at + 3),
                a.bool(at + 5) ? a.float64(at + 4) : 0, a.bool(at + 6));
        }

        int directions() { return bidirectional ? 2 : 1; }

        boolean projects() { return parameters.size() % ((biases ? 5 : 3) * layers * directions()) == 0
            && cell == Cell.LSTM && initial[0].size(2) != initial[1].size(2); }

        /** The layer and direction at a position of the states. */
        RecurrentLayer layer(int position) {
            int each = (biases ? 4 : 2) + (projects() ? 1 : 0), from = position * each;
            return new RecurrentLayer(cell, parameters.get(from), parameters.get(from + 1), biases ? parameters.get(from + 2) : null,
                biases ? parameters.get(from + 3) : null, projects() ? parameters.get(from + each - 1) : null,
                bidirectional && position % 2 == 1);
        }

        void check(Tensor input, long batch) {
            int count = layers * directions();
            Tensor h = initial[0];
            if (h.dim() != 3 || h.size(0) != count || h.size(1) != batch) {
                throw new ScriptError("Expected hidden size (" + count + ", " + batch + ", " + layer(0).outputs() + "), got "
                    + java.util.Arrays.toString(h.sizes()));
            }
            if (input.size(-1) != layer(0).inputWeight().size(1)) {
                throw new ScriptError("input.size(-1) must be equal to input_size. Expected " + layer(0).inputWeight().size(1) + ", got "
                    + input.size(-1));
            }
        }

        /** Fresh tensors for the last states, of the initial ones' sizes. */
        Tensor[] last() {
            Tensor[] out = new Tensor[initial.length];
            for (int i = 0; i < out.length; i++) out[i] = context.empty(initial[i].dtype(), initial[i].sizes());
            return out;
        }

        Tensor dropped(Tensor t, int layer) {
            return dropout == 0 || layer == layers - 1 ? t : context.tensor("aten::dropout", t, dropout, true);
        }

        /** By cuDNN in one call; null if it does not do it, or not with dropout. @param lengths as {@link RecurrentCall} has them */
        Object onDevice(Tensor input, boolean batchFirst, int[] lengths) {
            if (!input.storage().isOnDevice() || dropout > 0 && layers > 1) return null;
            return CudaRecurrent.run(context, new RecurrentCall(cell.onDevice, input, initial, parameters, biases, projects(), layers,
                bidirectional, batchFirst, lengths));
        }

        Object results(Tensor out, Tensor[] last) {
            return last.length == 1 ? new Object[] {out, last[0]} : new Object[] {out, last[0], last[1]};
        }
    }

    private static Tensor[] at(Tensor[] states, int position) {
        Tensor[] out = new Tensor[states.length];
        for (int i = 0; i < out.length; i++) out[i] = Views.select(states[i], 0, position);
        return out;
    }

    private Object padded(Args a, Cell cell) {
        CallContext c = a.context();
        Network net = Network.of(a, cell, 1);
        boolean batchFirst = a.bool(8);
        Tensor input = a.tensor(0);
        if (input.dim() != 3) throw new ScriptError("input must have 3 dimensions, got " + input.dim());
        Tensor source = batchFirst ? Views.transpose(input, 0, 1) : input;
        net.check(input, source.size(1));
        if (source.size(0) == 0) throw new ScriptError("Expected sequence length to be larger than 0 in RNN");
        Object atOnce = net.onDevice(input, batchFirst, null);
        if (atOnce != null) return atOnce;
        Tensor[] last = net.last();
        Tensor result = input;
        for (int layer = 0; layer < net.layers; layer++) {
            long width = net.layer(0).outputs(), steps = source.size(0), batch = source.size(1), all = width * net.directions();
            result = batchFirst ? c.empty(input.dtype(), batch, steps, all) : c.empty(input.dtype(), steps, batch, all);
            Tensor byTime = batchFirst ? Views.transpose(result, 0, 1) : result;
            for (int d = 0; d < net.directions(); d++) {
                int position = layer * net.directions() + d;
                net.layer(position).run(c, libraries, source, at(net.initial, position), Views.narrow(byTime, 2, d * width, width),
                    at(last, position));
            }
            result = net.dropped(result, layer);
            source = batchFirst ? Views.transpose(result, 0, 1) : result;
        }
        return net.results(result, last);
    }

    private Object packed(Args a, Cell cell) {
        CallContext c = a.context();
        Network net = Network.of(a, cell, 2);
        long[] sizes = Heap.longs(a.tensor(1).cpu());
        int[] active = java.util.Arrays.stream(sizes).mapToInt(Math::toIntExact).toArray();
        Tensor source = a.tensor(0);
        net.check(source, active[0]);
        Object atOnce = net.onDevice(source, false, lengths(active));
        if (atOnce != null) return atOnce;
        Tensor[] last = net.last();
        for (int layer = 0; layer < net.layers; layer++) {
            long width = net.layer(0).outputs();
            Tensor result = c.empty(source.dtype(), source.size(0), width * net.directions());
            for (int d = 0; d < net.directions(); d++) {
                int position = layer * net.directions() + d;
                net.layer(position).runPacked(c, source, active, at(net.initial, position), Views.narrow(result, 1, d * width, width),
                    at(last, position));
            }
            source = net.dropped(result, layer);
        }
        return net.results(source, last);
    }

    /** Of the sequences of which so many take part in each step. */
    private static int[] lengths(int[] active) {
        int[] out = new int[active[0]];
        for (int n : active) for (int b = 0; b < Math.min(n, out.length); b++) out[b]++;
        return out;
    }

    private Object cell(Args a, Cell cell) {
        List<Tensor> states = cell == Cell.LSTM ? a.tensors(1) : List.of(a.tensor(1));
        Tensor input = a.tensor(0);
        RecurrentLayer layer = new RecurrentLayer(cell, a.tensor(2), a.tensor(3), a.tensorOrNull(4), a.tensorOrNull(5), null, false);
        boolean unbatched = input.dim() == 1;
        List<Tensor> after = new ArrayList<>();
        for (Tensor s : states) after.add(a.context().empty(s.dtype(), s.sizes()));
        Tensor x = Views.unsqueeze(unbatched ? Views.unsqueeze(input, 0) : input, 0);
        Tensor[] before = states.stream().map(s -> unbatched ? Views.unsqueeze(s, 0) : s).toArray(Tensor[]::new);
        Tensor[] target = after.stream().map(s -> unbatched ? Views.unsqueeze(s, 0) : s).toArray(Tensor[]::new);
        Tensor out = a.context().empty(input.dtype(), 1, x.size(1), layer.outputs());
        if (!a.context().isMeta()) layer.run(a.context(), libraries, x, before, out, target);   // the new states are of the old ones' sizes
        return cell == Cell.LSTM ? after.toArray() : after.getFirst();
    }
}
