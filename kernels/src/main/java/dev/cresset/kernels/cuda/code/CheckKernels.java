package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;

/** Looks for what would be an error on the CPU ({@code check.cuh}). Items: elements. */
public final class CheckKernels {
    private CheckKernels() {}

    /** Sets the first error slot if an element is 0. */
    public static FamilyKernel zero(ScalarType t) {
        return FamilyKernel.of(FamilyKernel.name("check_zero_of", t), "check.cuh", "zero_args", () -> "check_zero<" + CudaTypes.element(t) + ">",
            FamilyKernel.threads());
    }

    /** Parameter of {@link #zero}. */
    public record Zero(long in, long error, long[] sizes, long[] strides) {
        public long[] slots() { return new Slots().add(in, error, ReduceKernels.product(sizes)).dims(sizes).padded(strides).values(); }
    }
}
