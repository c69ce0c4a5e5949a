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

    /** Sets the first error slot if an element is outside of a range or NaN, the second one to its bits as a double. */
    public static FamilyKernel range(ScalarType t) {
        return FamilyKernel.of(FamilyKernel.name("check_range_of", t), "check.cuh", "check_range_args", () -> "check_range<" + CudaTypes.element(t) + ">",
            FamilyKernel.threads());
    }

    /** Parameter of {@link #range}. */
    public record Range(long in, long error, double low, double high, long[] sizes, long[] strides) {
        public long[] slots() { return new Slots().add(in, error, ReduceKernels.product(sizes)).real(low).real(high).dims(sizes).padded(strides).values(); }
    }
}
