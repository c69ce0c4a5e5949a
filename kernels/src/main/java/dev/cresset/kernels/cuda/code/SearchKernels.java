package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;

/** Places of values in sorted rows ({@code search.cuh}). Items: values. Not for complex numbers. */
public final class SearchKernels {
    private SearchKernels() {}

    public static FamilyKernel places(ScalarType t) {
        return FamilyKernel.of(FamilyKernel.name("search_places", t), "search.cuh", "search_args", () -> "search_places<" + CudaTypes.element(t) + ">",
            FamilyKernel.threads());
    }

    /**
     * All dense.
     *
     * @param count  of values; those of numbers i · perRow and on are looked for in row i of the sorted ones
     * @param width  elements of a row
     * @param narrow the places are int32, else int64
     * @param right  behind equal elements, else before them
     */
    public record Arguments(long sorted, long values, long out, long count, long width, long perRow, boolean narrow, boolean right) {
        public long[] slots() { return new Slots().add(sorted, values, out, count, width, perRow).flag(narrow).flag(right).values(); }
    }
}
