package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;

/**
 * Ranges, triangles, copies through maps of coordinates ({@code layout.cuh}). Items: elements of the result. Plain copies, conversions and fills
 * are pointwise kernels: of {@code Load(0)} and of {@code Param(0)}; concatenations are copies to parts of the result.
 */
public final class LayoutKernels {
    private LayoutKernels() {}

    /** Which position of a dimension of the input a position of the result has; by code in the resource. */
    public enum Map { SAME, CONSTANT, REFLECT, REPLICATE, CIRCULAR, FLIP }

    /** Padding, rolling (CIRCULAR by the shift), flipping. */
    public static FamilyKernel mapped(ScalarType t) {
        return FamilyKernel.of(FamilyKernel.name("layout_mapped", t.byteSize()), "layout.cuh", "mapped_args",
            () -> "layout_mapped<" + FamilyKernel.moved(t) + ">",
            FamilyKernel.threads());
    }

    public static FamilyKernel range(ScalarType t) { return kernel("layout_range", "range_args", t); }

    public static FamilyKernel linspace(ScalarType t) { return kernel("layout_linspace", "linspace_args", t); }

    /** tril and triu. */
    public static FamilyKernel triangle(ScalarType t) { return kernel("layout_triangle", "triangle_args", t); }

    private static FamilyKernel kernel(String name, String parameters, ScalarType t) {
        return FamilyKernel.of(FamilyKernel.name(name, t), "layout.cuh", parameters,
            () -> name + "<" + CudaTypes.element(t) + ">", FamilyKernel.threads());
    }

    /**
     * Parameter of {@link #mapped}.
     *
     * @param before elements of the result before the input's first, in each dimension
     * @param fill   the bits of the element that CONSTANT writes outside, up to 8 bytes of it
     */
    public record Mapped(long in, long out, long[] sizes, long[] inStrides, long[] outStrides, long[] inSizes, long[] before, Map[] maps,
                         long fill) {
        public long[] slots() {
            long[] codes = new long[maps.length];
            for (int d = 0; d < codes.length; d++) codes[d] = maps[d].ordinal();
            return new Slots().add(in, out, ReduceKernels.product(sizes)).dims(sizes).padded(inStrides).padded(outStrides).padded(inSizes).padded(before)
                .padded(codes).add(fill).values();
        }
    }

    /** Parameter of {@link #range}: computed in int64 if both are Long. */
    public record Range(long out, long elements, Number start, Number step) {
        public long[] slots() {
            boolean integers = start instanceof Long && step instanceof Long;
            return new Slots().add(out, elements).flag(integers).real(start.doubleValue()).real(step.doubleValue())
                .add(start.longValue(), step.longValue()).values();
        }
    }

    /** Parameter of {@link #linspace}. */
    public record Linspace(long out, long elements, double start, double end) {
        public long[] slots() { return new Slots().add(out, elements).real(start).real(end).values(); }
    }

    /** Parameter of {@link #triangle}. @param upper keeps what is on and above the diagonal, else what is on and below */
    public record Triangle(long in, long out, long diagonal, boolean upper, long[] sizes, long[] inStrides, long[] outStrides) {
        public long[] slots() {
            return new Slots().add(in, out, ReduceKernels.product(sizes), diagonal).flag(upper).dims(sizes).padded(inStrides)
                .padded(outStrides).values();
        }
    }
}
