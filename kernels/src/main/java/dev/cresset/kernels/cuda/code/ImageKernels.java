package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;
import java.util.List;

/** Pooling and resampling of [n, c, d, h, w] images ({@code image.cuh}). Items: elements of the result. Missing dimensions have size 1. */
public final class ImageKernels {
    private ImageKernels() {}

    /** The largest element of each window and, if wanted, its position within the plane. */
    public static FamilyKernel maxPool(ScalarType t) { return kernel("pool_max", "pool_args", t); }

    public static FamilyKernel averagePool(ScalarType t) { return kernel("pool_average", "pool_args", t); }

    /** Interpolation of every kind, by tables of positions and weights. */
    public static FamilyKernel resample(ScalarType t) { return kernel("image_resample", "resample_args", t); }

    private static FamilyKernel kernel(String name, String parameters, ScalarType t) {
        return FamilyKernel.of(FamilyKernel.name(name, t), "image.cuh", parameters,
            () -> name + "<" + CudaTypes.element(t) + ">", FamilyKernel.threads());
    }

    /** Windows of a dimension; those of adaptive pooling divide it equally and have no kernel. */
    public record Window(long in, long out, long kernel, long stride, long padding, long dilation, boolean adaptive) {
        public static Window adaptive(long in, long out) { return new Window(in, out, 0, 1, 0, 1, true); }
    }

    /**
     * Parameter of the pools.
     *
     * @param indices      the address of int64 positions, or 0
     * @param countPadding padding counts in an average, as far as the right padding reaches
     * @param divisor      of averages; 0 for as many elements as the window has
     * @param sizes        five, of the result
     * @param windows      three
     */
    public record Pool(long in, long out, long indices, boolean countPadding, double divisor, long[] sizes, long[] inStrides, long[] outStrides,
                       long[] indexStrides, List<Window> windows) {
        public long[] slots() {
            Slots s = new Slots().add(in, out, indices, ReduceKernels.product(sizes)).flag(countPadding).real(divisor).dims(sizes).padded(inStrides)
                .padded(outStrides).padded(indexStrides);
            for (Window w : windows) s.add(w.in, w.out, w.kernel, w.stride, w.padding, w.dilation).flag(w.adaptive);
            return s.values();
        }
    }

    /** Device addresses of a dimension's tables, [out size, taps] each: int32 positions, float64 weights (0 for taps that do not count). */
    public record Table(long at, long weight, long taps) {}

    /** Parameter of {@link #resample}. @param sizes five, of the result; @param tables three */
    public record Resample(long in, long out, long[] sizes, long[] inStrides, long[] outStrides, List<Table> tables) {
        public long[] slots() {
            Slots s = new Slots().add(in, out, ReduceKernels.product(sizes)).dims(sizes).padded(inStrides).padded(outStrides);
            for (Table t : tables) s.add(t.at, t.weight, t.taps);
            return s.values();
        }
    }
}
