package dev.cresset.kernels.cuda.ops;

import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.code.FamilyKernel;
import dev.cresset.kernels.cuda.code.RandomKernels;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Generator;
import dev.cresset.tensor.Tensor;

/** Filling tensors with random numbers on a CUDA device: a counter of the generator for each element, as on the host. */
public final class CudaRandom {
    private CudaRandom() {}

    /** Uniform in [0, 1), of as many bits as the type's mantissa has. */
    public static void uniform(CallContext context, Generator g, Tensor out) { fill(context, RandomKernels.uniform(out.dtype()), g, 0, 0, out); }

    /** Of the standard normal distribution; as the host's up to rounding. */
    public static void normal(CallContext context, Generator g, Tensor out) { fill(context, RandomKernels.normal(out.dtype()), g, 0, 0, out); }

    /** Uniform in [low, high). */
    public static void integers(CallContext context, Generator g, long low, long high, Tensor out) {
        fill(context, RandomKernels.integers(out.dtype()), g, low, high - low, out);
    }

    private static void fill(CallContext context, FamilyKernel kernel, Generator g, long low, long span, Tensor out) {
        long base = g.reserve(out.numel());
        Tensor to = out.isContiguous() ? out : context.empty(out.dtype(), out.sizes());
        var arguments = new RandomKernels.Arguments(to.address(), to.numel(), g.seed(), base, low, span);
        CudaCall.stream(context).launch(kernel, arguments.slots(), to.numel());
        if (to != out) Elementwise.copy(context, to, out);
    }
}
