package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;
import java.util.List;

/** Convolutions by their definition ({@code convolution.cuh}), of tensors [n, c, d, h, w]. Missing dimensions have size 1. */
public final class ConvolutionKernels {
    private ConvolutionKernels() {}

    /** Of any number type. Items: elements of the result. */
    public static FamilyKernel plain(ScalarType t) { return kernel("convolution_plain", "convolution_args", t); }

    /** The windows of a convolution whose elements offsets move, as rows of a matrix. Items: elements of that matrix. */
    public static FamilyKernel deformed(ScalarType t) { return kernel("convolution_deformed", "deform_args", t); }

    private static FamilyKernel kernel(String name, String parameters, ScalarType t) {
        return FamilyKernel.of(FamilyKernel.name(name, t), "convolution.cuh", parameters, () -> name + "<" + CudaTypes.element(t) + ">",
            FamilyKernel.threads());
    }

    /** How windows go over a dimension. @param in its size in the input */
    public record Axis(long in, long kernel, long stride, long padding, long dilation) {}

    /**
     * Parameter of {@link #plain}.
     *
     * @param groupIn  channels of a group in the input; {@code groupOut} in the result
     * @param sizes    five, of the result
     * @param axes     three
     */
    public record Arguments(long in, long weight, long out, boolean transposed, long groupIn, long groupOut, long[] sizes, long[] inStrides,
                            long[] weightStrides, long[] outStrides, List<Axis> axes) {
        public long[] slots() {
            Slots s = new Slots().add(in, weight, out, ReduceKernels.product(sizes)).flag(transposed).add(groupIn, groupOut).dims(sizes)
                .padded(inStrides).padded(weightStrides).padded(outStrides);
            return add(s, axes).values();
        }
    }

    /**
     * Parameter of {@link #deformed}; all tensors are dense.
     *
     * @param mask   0 if there is none
     * @param sizes  of the matrix: n, c, places of the kernel, height and width of the result
     * @param axes   height and width
     */
    public record Deformed(long in, long offset, long mask, long out, long offsetGroups, long[] sizes, List<Axis> axes) {
        public long[] slots() {
            Slots s = new Slots().add(in, offset, mask, out, ReduceKernels.product(sizes), offsetGroups).dims(sizes);
            return add(s, axes).values();
        }
    }

    private static Slots add(Slots s, List<Axis> axes) {
        for (Axis a : axes) s.add(a.in, a.kernel, a.stride, a.padding, a.dilation);
        return s;
    }
}
