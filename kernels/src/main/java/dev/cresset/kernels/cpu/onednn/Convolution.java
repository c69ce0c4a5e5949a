package dev.cresset.kernels.cpu.onednn;

import java.lang.foreign.MemorySegment;

/**
 * One convolution on one engine. Memory in {@link #srcLayout} and {@link #dstLayout} is used in place, so a chain of
 * convolutions that hands its tensors on in those layouts never converts; any other layout is converted on the way.
 */
public final class Convolution {
    private record Key(ConvSpec spec, DnnLayout src, DnnLayout dst) {}

    private final OneDnn oneDnn;
    private final ConvSpec spec;
    private final Key key;

    Convolution(OneDnn oneDnn, ConvSpec spec, DnnLayout src, DnnLayout dst) {
        this.oneDnn = oneDnn.forWork(spec.operations());
        this.spec = spec;
        this.key = new Key(spec, src, dst);
    }

    public ConvSpec spec() { return spec; }

    /** The order in which the source is read without conversion. */
    public DnnLayout srcLayout() { return layout(Dnn.ARG_SRC); }

    /** The order in which the result is written without conversion. */
    public DnnLayout dstLayout() { return layout(Dnn.ARG_DST); }

    /** The order in which the operand of the binary post-op at this place of the chain is read without conversion. */
    public DnnLayout operandLayout(int place) { return layout(Dnn.postOpOperand(place)); }

    /** Which of oneDNN's kernels does the work. */
    public String kernelName() {
        DnnPrimitive primitive = enter();
        try {
            return primitive.name();
        } finally {
            primitive.leave();
        }
    }

    /** @param bias null where the spec has none; {@code operands} are those of binary post-ops, in their order */
    public void run(DnnMemory src, Weights weights, MemorySegment bias, DnnMemory dst, DnnMemory... operands) {
        if (spec.bias() != (bias != null)) {
            throw new IllegalArgumentException(spec + ": a bias is given if and only if the spec has one");
        }
        DnnPrimitive primitive = enter();
        Lane lane = oneDnn.shared().lanes().take();
        try {
            run(primitive, lane, src, weights, bias, dst, operands);
        } finally {
            oneDnn.shared().lanes().give(lane);
            primitive.leave();
        }
    }

    private void run(DnnPrimitive primitive, Lane lane, DnnMemory src, Weights weights, MemorySegment bias,
            DnnMemory dst, DnnMemory[] operands) {
        MemorySegment source = oneDnn.converted(lane, Lane.SOURCE, src, primitive.layout(Dnn.ARG_SRC));
        DnnLayout wanted = primitive.layout(Dnn.ARG_DST);
        boolean direct = dst.layout().equals(wanted);
        DnnMemory result = direct ? dst : lane.buffer(Lane.RESULT, wanted);
        if (!direct && spec.postOps().readsDestination()) oneDnn.reorder(lane, dst, result);
        MemorySegment[] others = operands(primitive, lane, operands);
        oneDnn.withWeights(lane, Lane.WEIGHTS, weights, spec.weightsSource(weights.strides().values()),
                primitive.layout(Dnn.ARG_WEIGHTS), packed -> primitive.execute(lane,
                        OneDnn.arguments(source, packed, result.segment(), bias, others)));
        if (!direct) oneDnn.reorder(lane, result, dst);
    }

    private MemorySegment[] operands(DnnPrimitive primitive, Lane lane, DnnMemory[] operands) {
        int[] places = spec.postOps().operandPlaces();
        MemorySegment[] segments = new MemorySegment[operands.length];
        int converted = 0;
        for (int i = 0; i < operands.length; i++) {
            DnnLayout wanted = primitive.layout(Dnn.postOpOperand(places[i]));
            if (!operands[i].layout().equals(wanted) && converted++ > 0) {
                throw new IllegalArgumentException(spec + ": only one operand can be converted on the way; operand "
                        + i + " is "
                        + operands[i].layout() + ", reorder it to " + wanted);
            }
            segments[i] = oneDnn.converted(lane, Lane.OPERAND, operands[i], wanted);
        }
        return segments;
    }

    private DnnLayout layout(int argument) {
        DnnPrimitive primitive = enter();
        try {
            return primitive.layout(argument);
        } finally {
            primitive.leave();
        }
    }

    private DnnPrimitive enter() {
        return oneDnn.enter(key, () -> spec.build(oneDnn.shared().engine(), key.src, key.dst));
    }
}
