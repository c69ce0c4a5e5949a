package dev.cresset.kernels.plan;

import dev.cresset.kernels.cuda.ops.FusedConvolution;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A convolution by cuDNN with what follows it.
 *
 * @param bias    a vector over the channels; null if none is needed
 * @param sum     what is added; null if nothing is
 * @param scratch null if none is needed
 */
record DeviceConvolutionStep(FusedConvolution work, Place input, Place weight, Place bias, Place sum, Place result, Buffer scratch, boolean relu) implements Step {
    @Override public List<Place> reads() { return Stream.of(input, weight, bias, sum).filter(Objects::nonNull).toList(); }

    @Override public List<Place> writes() { return List.of(result); }

    @Override public List<Buffer> works() { return scratch == null ? List.of() : List.of(scratch); }

    @Override public Action bind(Frame frame) {
        return (CallContext context) -> work.run(context, frame.tensor(input), frame.address(weight), at(frame, bias), at(frame, sum), frame.tensor(result),
            scratch == null ? 0 : frame.address(scratch));
    }

    private static Tensor at(Frame frame, Place p) { return p == null ? null : frame.tensor(p); }

    @Override public String label() { return "convolution" + (sum == null ? "" : " add") + (relu ? " relu" : ""); }

    @Override public String text() { return label() + " " + reads() + " -> " + result + " by cuDNN, " + work + (scratch == null ? "" : ", scratch " + scratch.bytes + " bytes"); }
}
