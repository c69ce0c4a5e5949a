package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;

/** Running sums, products, extremes and log-sum-exps along one dimension ({@code scan.cuh}). Items: lines, a block each. */
public final class ScanKernels {
    private ScanKernels() {}

    /** Computed in the compute type of the result. MAX and MIN have an index: the last of equals. */
    public enum Operator { SUM, PROD, LOGSUMEXP, MAX, MIN }

    public static FamilyKernel kernel(Operator o, ScalarType in, ScalarType out) {
        return FamilyKernel.of(FamilyKernel.name("scan", o, in, out), "scan.cuh", "scan_args", () -> "scan_block<" + CudaTypes.element(in) + ", "
            + CudaTypes.element(out) + ", " + FamilyKernel.name("scan", o) + ">", FamilyKernel.block());
    }

    /** @param indices the address of int64 indices, 0 for none; @param sizes of the dimensions but the scanned one */
    public record Arguments(long in, long out, long indices, long length, long[] sizes, long[] inStrides, long[] outStrides, long[] indexStrides,
                            long inStride, long outStride, long indexStride) {
        public long[] slots() {
            return new Slots().add(in, out, indices, ReduceKernels.product(sizes), length).dims(sizes).padded(inStrides).padded(outStrides)
                .padded(indexStrides).add(inStride, outStride, indexStride).values();
        }
    }
}
