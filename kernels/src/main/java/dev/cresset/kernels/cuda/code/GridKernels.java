package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;

/** Sampling of [n, c, d, h, w] images at the points of a grid ({@code grid.cuh}). Missing dimensions have size 1. */
public final class GridKernels {
    private GridKernels() {}

    /** Items: points of the result, with all channels. */
    public static FamilyKernel sample(ScalarType t) {
        return FamilyKernel.of(FamilyKernel.name("grid_sample", t), "grid.cuh", "grid_args", () -> "grid_sample<" + CudaTypes.element(t) + ">",
            FamilyKernel.threads());
    }

    /**
     * Parameter of {@link #sample}.
     *
     * @param rank        2 or 3 spatial dimensions
     * @param mode        PyTorch's number: linear, nearest, cubic
     * @param padding     PyTorch's number: zeros, border, reflection
     * @param sizes       five, of the result
     * @param inSizes     three, of the image
     * @param gridStrides of n, d, h, w and the coordinate
     */
    public record Arguments(long in, long grid, long out, long rank, long mode, long padding, boolean align, long[] sizes, long[] inSizes,
                            long[] inStrides, long[] gridStrides, long[] outStrides) {
        public long[] slots() {
            long points = sizes[0] * sizes[2] * sizes[3] * sizes[4];
            return new Slots().add(in, grid, out, points, sizes[1], rank, mode, padding).flag(align)
                .dims(new long[] {sizes[0], sizes[2], sizes[3], sizes[4]}).add(inSizes).padded(inStrides).padded(gridStrides).padded(outStrides)
                .values();
        }
    }
}
