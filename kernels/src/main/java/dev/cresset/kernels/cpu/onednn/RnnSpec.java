package dev.cresset.kernels.cpu.onednn;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.cresset.ir.type.ScalarType;
import java.lang.invoke.MethodHandle;

/**
 * One layer and one direction of a recurrent network in float32: source [steps, batch, input], states [batch, hidden],
 * result [steps, batch, hidden]. With {@code reverse} the steps are walked from the last to the first and the result
 * stays in their order.
 */
public record RnnSpec(Cell cell, long steps, long batch, long input, long hidden, boolean reverse) {
    private static final ScalarType F32 = ScalarType.FLOAT32;

    /** The cells, with the weights' gates in PyTorch's order. */
    public enum Cell {
        /** Gates input, forget, cell, output. */
        LSTM(4, 4),
        /** Gates reset, update, new; the hidden bias of the new gate is inside the product with reset. */
        GRU(3, 4),
        RNN_TANH(1, 1),
        RNN_RELU(1, 1);

        final int gates;
        /** Rows of oneDNN's bias: its GRU of this kind has one more than gates. */
        final int biases;

        Cell(int gates, int biases) {
            this.gates = gates;
            this.biases = biases;
        }
    }

    /** Bindings on their own, so that nobody pays for them who has no recurrent network. */
    private static final class Calls {
        private static final MethodHandle LSTM = OneDnnLibrary.bind("dnnl_lstm_forward_primitive_desc_create", JAVA_INT,
                ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG);
        private static final MethodHandle GRU = OneDnnLibrary.bind("dnnl_lbr_gru_forward_primitive_desc_create",
                JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG);
        private static final MethodHandle RNN = OneDnnLibrary.bind("dnnl_vanilla_rnn_forward_primitive_desc_create",
                JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_FLOAT, JAVA_FLOAT, JAVA_LONG);
    }

    /** Multiplications and additions of one step. */
    long operationsPerStep() { return 2 * batch * cell.gates * hidden * (input + hidden); }

    DnnLayout biasLayout() { return DnnLayout.contiguous(F32, 1, 1, cell.biases, hidden); }

    /** PyTorch's weights [gates · hidden, columns] seen as oneDNN's [layer, direction, columns, gates, hidden]. */
    DnnLayout weightsSource(Dims strides, long columns) {
        long row = strides.get(0);
        return DnnLayout.plain(F32, new long[] {1, 1, columns, cell.gates, hidden},
                new long[] {1, 1, strides.get(1), hidden * row, row});
    }

    private DnnLayout weights(long columns) { return DnnLayout.any(F32, 1, 1, columns, cell.gates, hidden); }

    DnnPrimitive build(long engine) {
        String doing = cell + " of " + steps + " steps, batch " + batch + ", input " + input + ", hidden " + hidden;
        try (PrimitiveBuilder p = new PrimitiveBuilder(engine, PostOps.NONE, doing)) {
            long src = p.layout(DnnLayout.contiguous(F32, steps, batch, input));
            long dst = p.layout(DnnLayout.contiguous(F32, steps, batch, hidden));
            long state = p.layout(DnnLayout.contiguous(F32, 1, 1, batch, hidden));
            long layer = p.layout(weights(input));
            long iter = p.layout(weights(hidden));
            long shift = p.layout(biasLayout());
            int direction = reverse ? Dnn.UNIDIRECTIONAL_RIGHT2LEFT : Dnn.UNIDIRECTIONAL_LEFT2RIGHT;
            int kind = Dnn.FORWARD_INFERENCE;
            int activation = cell == Cell.RNN_RELU ? Dnn.ELTWISE_RELU : Dnn.ELTWISE_TANH;
            return p.build(out -> switch (cell) {
                case LSTM -> (int) Calls.LSTM.invokeExact(out, engine, kind, direction, src, state, state, layer, iter,
                        0L, 0L, shift, dst, state, state, 0, p.attributes());
                case GRU -> (int) Calls.GRU.invokeExact(out, engine, kind, direction, src, state, layer, iter, shift,
                        dst, state, 0, p.attributes());
                case RNN_TANH, RNN_RELU -> (int) Calls.RNN.invokeExact(out, engine, kind, activation, direction, src,
                        state, layer, iter, shift, dst, state, 0, 0f, 0f, p.attributes());
            }, arguments());
        }
    }

    /** In the order in which {@link RnnLayer} gives them. */
    private int[] arguments() {
        var all = java.util.stream.IntStream.builder();
        for (int a : new int[] {Dnn.ARG_SRC, Dnn.ARG_SRC_1, Dnn.ARG_WEIGHTS, Dnn.ARG_WEIGHTS_ITER, Dnn.ARG_DST,
                Dnn.ARG_DST_ITER, Dnn.ARG_BIAS}) all.add(a);
        if (cell == Cell.LSTM) all.add(Dnn.ARG_SRC_ITER_C).add(Dnn.ARG_DST_ITER_C);
        return all.build().toArray();
    }
}
