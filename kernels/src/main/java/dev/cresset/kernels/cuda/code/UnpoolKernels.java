package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;

/** Maxima back to their places, and windows at random places ({@code unpool.cuh}). All tensors are dense. */
public final class UnpoolKernels {
    private UnpoolKernels() {}

    /** Marks the last element that goes to each place. Items: elements of the input. */
    public static FamilyKernel mark() {
        return FamilyKernel.of(FamilyKernel.name("unpool_mark"), "unpool.cuh", "unpool_args", () -> "unpool_mark_places", FamilyKernel.threads());
    }

    /** Takes marked elements, and zero elsewhere. Items: elements of the result. */
    public static FamilyKernel take(ScalarType t) {
        return FamilyKernel.of(FamilyKernel.name("unpool_take", t), "unpool.cuh", "unpool_args", () -> "unpool_take<" + CudaTypes.element(t) + ">",
            FamilyKernel.threads());
    }

    /** The maxima of windows that start at random places, and their positions within the plane. Items: elements of the result. */
    public static FamilyKernel fractional(ScalarType t) {
        return FamilyKernel.of(FamilyKernel.name("unpool_fractional", t), "unpool.cuh", "fractional_args",
            () -> "unpool_fractional<" + CudaTypes.element(t) + ">", FamilyKernel.threads());
    }

    /**
     * Parameter of {@link #mark} and {@link #take}.
     *
     * @param where    int64 positions within a plane of the result
     * @param marks    int64, one for each element of the result, -1 at the beginning
     * @param elements of the input; {@code plane} of them are a plane
     */
    public record Unpool(long in, long where, long marks, long out, long elements, long plane, long outElements, long outPlane) {
        public long[] slots() { return new long[] {in, where, marks, out, elements, plane, outElements, outPlane}; }
    }

    /** Parameter of {@link #fractional}. @param inSizes,kernel,outSizes three each @param rank how many samples a plane has, 2 or 3 */
    public record Fractional(long in, long samples, long out, long where, long elements, long rank, long[] inSizes, long[] kernel, long[] outSizes) {
        public long[] slots() { return new Slots().add(in, samples, out, where, elements, rank).add(inSizes).add(kernel).add(outSizes).values(); }
    }
}
