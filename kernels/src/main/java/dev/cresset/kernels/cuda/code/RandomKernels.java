package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;

/** The random numbers of {@link dev.cresset.kernels.op.Generator}, on the device ({@code random.cuh}). Items: elements. */
public final class RandomKernels {
    private RandomKernels() {}

    /** Uniform in [0, 1), of as many bits as the type's mantissa has. */
    public static FamilyKernel uniform(ScalarType t) { return kernel("uniform", t); }

    /** Of the standard normal distribution. */
    public static FamilyKernel normal(ScalarType t) { return kernel("normal", t); }

    /** Uniform in [low, low + span). */
    public static FamilyKernel integers(ScalarType t) { return kernel("integers", t); }

    private static FamilyKernel kernel(String what, ScalarType t) {
        return FamilyKernel.of(FamilyKernel.name("random", what, "of", t), "random.cuh", "random_args", () -> "random_" + what + "<" + CudaTypes.element(t) + ">",
            FamilyKernel.threads());
    }

    /** @param out dense @param base the counter of the first element @param low,span of integers, else not used */
    public record Arguments(long out, long elements, long seed, long base, long low, long span) {
        public long[] slots() { return new Slots().add(out, elements, seed, base, low, span).values(); }
    }
}
