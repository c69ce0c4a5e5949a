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

    /**
     * Calls of other operators, device-independent.
     *
     * @param onHost true if it touches memory itself after all, so that there is nothing to run on a device
     */
    record Composite(Function function, boolean onHost) implements Body {}

    /**
     * Work on the host: numbers, strings, lists, and views, which are metadata. Returns the result (Object[] if several).
     *
     * @param onHost as for {@link Composite}
     */
    record Host(Function function, boolean onHost) implements Body {}

    /**
     * A kernel per device with its shape rule; the outputs are allocated before it runs.
     *
     * @param cuda  null if there is none yet
     * @param mixes true if some of its tensors may be on the host while others are on a device
     */
    record Kernel(ShapeRule shape, CpuKernel cpu, CudaKernel cuda, boolean mixes) implements Body {}

    /** From arguments to result: a run-time value, Object[] for several returns, null for None or nothing. */
    @FunctionalInterface
    interface Function { Object apply(Args a); }

    /** The results' descriptions from the arguments' descriptions and numbers alone; must not read elements. */
    @FunctionalInterface
    interface ShapeRule { Meta[] infer(Args a); }

    /** Fills the outputs, which have the described type, sizes and strides and hold no defined content. */
    @FunctionalInterface
    interface CpuKernel { void run(Args a, Tensor[] out); }

    /**
     * As {@link CpuKernel}, with tensors on a CUDA device, in the order of the call's stream; returns before it is done.
     * {@code a.context().deviceCall()} is what it has of the device.
     */
    @FunctionalInterface
    interface CudaKernel { void run(Args a, Tensor[] out); }
}
