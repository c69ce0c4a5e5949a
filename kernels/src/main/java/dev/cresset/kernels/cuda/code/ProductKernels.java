package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;

/** Matrix products by their definition ({@code product.cuh}), for number types that no library multiplies. Items: elements of the result. */
public final class ProductKernels {
    private ProductKernels() {}

    public static FamilyKernel product(ScalarType t) {
        return FamilyKernel.of(FamilyKernel.name("product_plain", t), "product.cuh", "product_args", () -> "product_plain<" + CudaTypes.element(t) + ">",
            FamilyKernel.threads());
    }

    /**
     * Its parameter.
     *
     * @param length   of the sums; {@code aStep} and {@code bStep} lead from one factor to the next
     * @param sizes    of the result [batch…, m, n]; the strides say where the sums of an element begin
     */
    public record Arguments(long a, long b, long c, long length, long aStep, long bStep, long[] sizes, long[] aStrides, long[] bStrides,
                            long[] cStrides) {
        public long[] slots() {
            return new Slots().add(a, b, c, ReduceKernels.product(sizes), length, aStep, bStep).dims(sizes).padded(aStrides).padded(bStrides)
                .padded(cStrides).values();
        }
    }
}
