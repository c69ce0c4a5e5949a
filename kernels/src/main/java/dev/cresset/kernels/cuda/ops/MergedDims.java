package dev.cresset.kernels.cuda.ops;

import java.util.Arrays;

/**
 * Dimensions that tensors of one shape are walked over, without those of size 1 and joined where all tensors allow it, in the order
 * they had.
 *
 * @param strides of each tensor
 */
record MergedDims(long[] sizes, long[][] strides) {
    static MergedDims of(long[] sizes, long[]... strides) {
        long[] outSizes = new long[sizes.length];
        long[][] outStrides = new long[strides.length][sizes.length];
        int rank = 0;
        for (int d = 0; d < sizes.length; d++) {
            if (sizes[d] == 1) continue;
            boolean joins = rank > 0;
            for (int k = 0; k < strides.length && joins; k++) joins = outStrides[k][rank - 1] == sizes[d] * strides[k][d];
            if (joins) rank--;
            outSizes[rank] = joins ? outSizes[rank] * sizes[d] : sizes[d];
            for (int k = 0; k < strides.length; k++) outStrides[k][rank] = strides[k][d];
            rank++;
        }
        for (int k = 0; k < strides.length; k++) outStrides[k] = Arrays.copyOf(outStrides[k], rank);
        return new MergedDims(Arrays.copyOf(outSizes, rank), outStrides);
    }

    /** The product of the sizes. */
    long count() {
        long n = 1;
        for (long s : sizes) n *= s;
        return n;
    }

    /** The last stride of a tensor; 1 if no dimension is left. */
    long innerStride(int tensor) { return sizes.length == 0 ? 1 : strides[tensor][sizes.length - 1]; }
}
