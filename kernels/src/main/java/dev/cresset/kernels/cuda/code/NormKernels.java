package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;

/** Normalisation of dense rows ({@code norm.cuh}), for floating types. Items: rows, a block each. */
public final class NormKernels {
    private NormKernels() {}

    /** @param weight the type of weight and bias */
    public static FamilyKernel rows(ScalarType t, ScalarType weight) {
        return FamilyKernel.of(FamilyKernel.name("normalize_rows", t, weight), "norm.cuh", "normalized_args",
            () -> "normalize_rows<" + CudaTypes.element(t) + ", " + CudaTypes.element(weight) + ">", FamilyKernel.block());
    }

    /**
     * All are addresses of dense tensors; those that are 0 are absent.
     *
     * @param mean,rstd take what each row was normalised by
     * @param channels  elements of weight and bias for a row: row r has those from (r · channels) mod {@code all} on
     * @param all       elements of weight and bias
     */
    public record Rows(long in, long out, long weight, long bias, long mean, long rstd, long rows, long length, long channels, long all, double eps) {
        public long[] slots() {
            return new Slots().add(in, out, weight, bias, mean, rstd, rows, length, channels, all, length / channels).real(eps).values();
        }
    }
}
