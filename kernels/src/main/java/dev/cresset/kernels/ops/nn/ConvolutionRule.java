package dev.cresset.kernels.ops.nn;

import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Body;
import dev.cresset.kernels.op.Meta;
import java.util.function.Function;

/** The shape rule of all convolution operators; {@code call} reads an operator's arguments. */
public record ConvolutionRule(Function<Args, ConvolutionCall> call) implements Body.ShapeRule {
    @Override public Meta[] infer(Args a) { return new Meta[] {call.apply(a).meta()}; }
}
