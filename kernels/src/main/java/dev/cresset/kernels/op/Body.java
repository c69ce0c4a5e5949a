package dev.cresset.kernels.op;

import dev.cresset.kernels.expr.PointwiseRule;
import dev.cresset.kernels.expr.Promotion;
import dev.cresset.tensor.Tensor;

/** What an operator does; one of four kinds, in the order of preference. */
public sealed interface Body {
    /**
     * An expression over elements of broadcast inputs. It gives the unfused kernel, fused kernels, and code for every device.
     *
     * @param dtypes how the inputs' types give compute and result type
     */
    record Pointwise(Promotion dtypes, PointwiseRule rule) implements Body {}

    /** Calls of other operators, device-independent. */
    record Composite(Function function) implements Body {}

    /** Work on the host: numbers, strings, lists, and views, which are metadata. Returns the result (Object[] if several). */
    record Host(Function function) implements Body {}

    /** A kernel per device with its shape rule; the outputs are allocated before it runs. */
    record Kernel(ShapeRule shape, CpuKernel cpu) implements Body {}

    /** From arguments to result: a run-time value, Object[] for several returns, null for None or nothing. */
    @FunctionalInterface
    interface Function { Object apply(Args a); }

    /** The results' descriptions from the arguments' descriptions and numbers alone; must not read elements. */
    @FunctionalInterface
    interface ShapeRule { Meta[] infer(Args a); }

    /** Fills the outputs, which have the described type, sizes and strides and hold no defined content. */
    @FunctionalInterface
    interface CpuKernel { void run(Args a, Tensor[] out); }
}
