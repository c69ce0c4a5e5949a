package dev.cresset.kernels.cpu.onednn;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * One layer and direction of a recurrent network on one engine; weights are packed once into the order the kernel
 * wants.
 */
public final class RnnLayer {
    /**
     * PyTorch's parameters: weight_ih [gates · hidden, input], weight_hh [gates · hidden, hidden], and the two biases
     * [gates · hidden] or null.
     */
    public record Parameters(Weights input, Weights hidden, MemorySegment inputBias, MemorySegment hiddenBias) {}

    /** The states [batch, hidden] before the first and after the last step; the cell's are null but for LSTM. */
    public record States(MemorySegment hidden, MemorySegment cell) {}

    private final OneDnn oneDnn;
    private final RnnSpec spec;

    RnnLayer(OneDnn oneDnn, RnnSpec spec) {
        this.oneDnn = oneDnn.forWork(spec.operationsPerStep()); // threads meet after every step
        this.spec = spec;
    }

    /**
     * Runs all steps. Source and result may lie by any strides, so a batch-first sequence or one half of a
     * bidirectional result is given as it is; both are converted on the way unless they are contiguous.
     */
    public void run(DnnMemory src, States before, Parameters parameters, DnnMemory dst, States after) {
        DnnPrimitive primitive = oneDnn.enter(spec, () -> spec.build(oneDnn.shared().engine()));
        Lane lane = oneDnn.shared().lanes().take();
        try {
            MemorySegment source = oneDnn.converted(lane, Lane.SOURCE, src, primitive.layout(Dnn.ARG_SRC));
            DnnLayout wanted = primitive.layout(Dnn.ARG_DST);
            DnnMemory result = dst.layout().equals(wanted) ? dst : lane.buffer(Lane.RESULT, wanted);
            withWeights(lane, Lane.WEIGHTS, parameters.input, spec.input(), primitive.layout(Dnn.ARG_WEIGHTS), layer ->
                    withWeights(lane, Lane.OPERAND, parameters.hidden, spec.hidden(),
                            primitive.layout(Dnn.ARG_WEIGHTS_ITER), iter -> primitive.execute(lane, arguments(lane,
                                    source, before, layer, iter, parameters, result.segment(), after))));
            if (result != dst) oneDnn.reorder(lane, result, dst);
        } finally {
            oneDnn.shared().lanes().give(lane);
            primitive.leave();
        }
    }

    private MemorySegment[] arguments(Lane lane, MemorySegment source, States before, MemorySegment layer,
            MemorySegment iter, Parameters parameters, MemorySegment result, States after) {
        List<MemorySegment> all = new ArrayList<>(List.of(source, before.hidden, layer, iter, result, after.hidden,
                bias(lane, parameters)));
        if (spec.cell() == RnnSpec.Cell.LSTM) {
            all.add(before.cell);
            all.add(after.cell);
        }
        return all.toArray(MemorySegment[]::new);
    }

    private void withWeights(Lane lane, int place, Weights weights, long columns, DnnLayout to,
            OneDnn.WithWeights action) {
        DnnLayout from = spec.weightsSource(weights.strides(), columns);
        if (spec.cell() != RnnSpec.Cell.GRU) {
            oneDnn.withWeights(lane, place, weights, from, to, action);
        } else if (weights.strides().get(0) != columns || weights.strides().get(1) != 1) {
            throw new IllegalArgumentException(spec + " takes contiguous weights, got strides " + weights.strides());
        } else {
            oneDnn.withPacked(lane, place, weights, from, to, target -> packGru(lane, weights, columns, from, target),
                    action);
        }
    }

    /** oneDNN has the update gate first, PyTorch the reset gate. */
    private void packGru(Lane lane, Weights weights, long columns, DnnLayout layout, DnnMemory target) {
        long gate = spec.hidden() * columns * 4;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment swapped = arena.allocate(3 * gate, 64);
            MemorySegment.copy(weights.segment(), gate, swapped, 0, gate);
            MemorySegment.copy(weights.segment(), 0, swapped, gate, gate);
            MemorySegment.copy(weights.segment(), 2 * gate, swapped, 2 * gate, gate);
            oneDnn.reorder(lane, new DnnMemory(layout, swapped), target);
        }
    }

    /**
     * Where both biases of a gate are only added they are one; the GRU's new gate keeps its hidden bias apart, as a
     * fourth row.
     */
    private MemorySegment bias(Lane lane, Parameters parameters) {
        long hidden = spec.hidden();
        MemorySegment bias = lane.buffer(Lane.BIAS, spec.biasLayout().byteSize());
        bias.fill((byte) 0); // oneDNN wants a bias in any case
        if (parameters.inputBias == null) return bias;
        MemorySegment ih = parameters.inputBias;
        MemorySegment hh = parameters.hiddenBias;
        boolean gru = spec.cell() == RnnSpec.Cell.GRU;
        for (int gate = 0; gate < spec.cell().gates; gate++) {
            long to = gru && gate < 2 ? 1 - gate : gate;
            boolean apart = gru && gate == 2;
            for (long i = 0; i < hidden; i++) {
                float fromInput = ih.getAtIndex(ValueLayout.JAVA_FLOAT, gate * hidden + i);
                float fromHidden = hh.getAtIndex(ValueLayout.JAVA_FLOAT, gate * hidden + i);
                bias.setAtIndex(ValueLayout.JAVA_FLOAT, to * hidden + i, apart ? fromInput : fromInput + fromHidden);
                if (apart) bias.setAtIndex(ValueLayout.JAVA_FLOAT, 3 * hidden + i, fromHidden);
            }
        }
        return bias;
    }
}
