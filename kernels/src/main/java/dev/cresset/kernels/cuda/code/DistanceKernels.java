package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;

/** Distances of rows and suppression of boxes ({@code distance.cuh}), for floating types. */
public final class DistanceKernels {
    private DistanceKernels() {}

    /** cdist; items: elements of the result. */
    public static FamilyKernel rows(ScalarType t) {
        return FamilyKernel.of(FamilyKernel.name("distance_rows", t), "distance.cuh", "distance_args",
            () -> "distance_rows<" + CudaTypes.element(t) + ">", FamilyKernel.threads());
    }

    /** Items: boxes × words of a mask. */
    public static FamilyKernel overlaps(ScalarType t) {
        return FamilyKernel.of(FamilyKernel.name("nms_overlaps", t), "distance.cuh", "nms_args", () -> "nms_overlaps<" + CudaTypes.element(t) + ">",
            FamilyKernel.threads());
    }

    /** After {@link #overlaps}; one item. */
    public static FamilyKernel keep() {
        return FamilyKernel.of(FamilyKernel.name("nms_keep_boxes"), "distance.cuh", "nms_args", () -> "nms_keep", FamilyKernel.block());
    }

    /** Parameter of {@link #rows}: x is [batches, rows, length], y [batches, columns, length], out [batches, rows, columns], all dense. */
    public record Rows(long x, long y, long out, long batches, long rows, long columns, long length, double order) {
        public long[] slots() { return new Slots().add(x, y, out, batches * rows * columns, rows, columns, length).real(order).values(); }
    }

    /**
     * Parameter of the suppression.
     *
     * @param order int64 [n], the boxes by falling score (a descending stable sort of the scores)
     * @param masks n × {@link #words} words, @param gone as many words as one mask, set to 0
     * @param kept  int64 [n], @param count one int64: how many of them are there
     */
    public record Boxes(long boxes, long order, long masks, long gone, long kept, long count, long n, double threshold) {
        public long[] slots() { return new Slots().add(boxes, order, masks, gone, kept, count, n).real(threshold).values(); }
    }

    /** Words of 8 bytes of a mask over n boxes. */
    public static long words(long n) { return Math.ceilDiv(n, 64L); }
}
