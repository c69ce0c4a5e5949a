package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;

/** Where elements are not zero ({@code nonzero.cuh}): count, offsets, then, when the total is known on the host, fill. */
public final class NonzeroKernels {
    private static final long PART = 4096, MOST_PARTS = 1024;

    private NonzeroKernels() {}

    /** Items: parts. */
    public static FamilyKernel count(ScalarType t) { return kernel("nonzero_count", t); }

    /** One item. */
    public static FamilyKernel offsets() {
        return FamilyKernel.of(FamilyKernel.name("nonzero_offsets_of_parts"), "nonzero.cuh", "nonzero_args", () -> "nonzero_offsets",
            FamilyKernel.threads());
    }

    /** Items: parts. */
    public static FamilyKernel fill(ScalarType t) { return kernel("nonzero_fill", t); }

    private static FamilyKernel kernel(String name, ScalarType t) {
        return FamilyKernel.of(FamilyKernel.name(name, t), "nonzero.cuh", "nonzero_args",
            () -> name + "<" + CudaTypes.element(t) + ">", FamilyKernel.block());
    }

    public static long parts(long elements) { return Math.clamp(elements / PART, 1, MOST_PARTS); }

    /**
     * @param counts int64, parts + 1 of them; the last one is the total after offsets
     * @param out    int64 [total, rank], or [total] numbers of elements if flat; not read before fill
     */
    public record Arguments(long in, long counts, long out, boolean flat, long[] sizes, long[] strides) {
        public long[] slots() {
            long n = ReduceKernels.product(sizes);
            return new Slots().add(in, counts, out, n, parts(n)).flag(flat).dims(sizes).padded(strides).values();
        }
    }
}
