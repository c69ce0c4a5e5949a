package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;

/** Regions of images pooled to cells ({@code region.cuh}), for floating types. Items: elements of the result. */
public final class RegionKernels {
    private RegionKernels() {}

    /** Means of bilinear samples. */
    public static FamilyKernel align(ScalarType t) { return kernel("align", t); }

    /** Maxima of whole pixels; their means where cells have channels of their own. */
    public static FamilyKernel pool(ScalarType t) { return kernel("pool", t); }

    private static FamilyKernel kernel(String how, ScalarType t) {
        return FamilyKernel.of(FamilyKernel.name("region", how, "of", t), "region.cuh", "region_args", () -> "region_" + how + "<" + CudaTypes.element(t) + ">",
            FamilyKernel.threads());
    }

    /**
     * All dense.
     *
     * @param in       [images, channels, height, width]: {@code inSizes}
     * @param regions  [n, 5]
     * @param out      [n, channels, rows, columns]: {@code sizes}
     * @param places   int32, of the same sizes: where each maximum is, or the input channel of each cell; 0 if not wanted
     * @param error    three int64 that take an image that is none
     * @param sampling points of a cell in each direction; 0 or less for one a pixel
     * @param own      each cell of a channel has an input channel of its own
     */
    public record Arguments(long in, long regions, long out, long places, long error, long[] inSizes, long[] sizes, long sampling, boolean aligned,
                            boolean own, double scale) {
        public long[] slots() {
            return new Slots().add(in, regions, out, places, error, ReduceKernels.product(sizes), inSizes[0], inSizes[1], sizes[1], inSizes[2], inSizes[3],
                sizes[2], sizes[3], sampling).flag(aligned).flag(own).real(scale).values();
        }
    }
}
