package dev.cresset.kernels.cpu.onednn;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.cresset.ir.type.ScalarType;
import java.lang.invoke.MethodHandle;

/**
 * A convolution over 1 to 3 spatial dimensions, forward or transposed. Sizes are as in PyTorch: source [n, c, …],
 * weights [o, c/groups, …], or [c, o/groups, …] when transposed; dilation 1 means none; the padding may differ on the
 * two sides.
 */
public record ConvSpec(ScalarType type, boolean transposed, Dims src, Dims weights, Dims dst, long groups, Dims stride,
        Dims dilation, Dims padLeft, Dims padRight, boolean bias, PostOps postOps) {
    private static final MethodHandle FORWARD = bind("dnnl_convolution_forward_primitive_desc_create");
    private static final MethodHandle TRANSPOSED = bind("dnnl_deconvolution_forward_primitive_desc_create");

    public static ConvSpec forward(ScalarType type, long[] src, long[] weights, long groups, long[] stride,
            long[] dilation, long[] padLeft, long[] padRight) {
        long[] dst = src.clone();
        dst[1] = weights[0];
        for (int d = 0; d < stride.length; d++) {
            long window = (weights[d + 2] - 1) * dilation[d] + 1;
            dst[d + 2] = Math.floorDiv(src[d + 2] + padLeft[d] + padRight[d] - window, stride[d]) + 1;
        }
        return new ConvSpec(type, false, new Dims(src), new Dims(weights), new Dims(dst), groups, new Dims(stride),
                new Dims(dilation), new Dims(padLeft), new Dims(padRight), false, PostOps.NONE);
    }

    public static ConvSpec transposed(ScalarType type, long[] src, long[] weights, long groups, long[] stride,
            long[] dilation, long[] padding, long[] outputPadding) {
        long[] dst = src.clone();
        long[] padRight = padding.clone();
        dst[1] = weights[1] * groups;
        for (int d = 0; d < stride.length; d++) {
            padRight[d] -= outputPadding[d];
            dst[d + 2] = (src[d + 2] - 1) * stride[d] + (weights[d + 2] - 1) * dilation[d]
                    + 1 - padding[d] - padRight[d];
        }
        return new ConvSpec(type, true, new Dims(src), new Dims(weights), new Dims(dst), groups, new Dims(stride),
                new Dims(dilation), new Dims(padding), new Dims(padRight), false, PostOps.NONE);
    }

    public ConvSpec withBias(boolean given) {
        return new ConvSpec(type, transposed, src, weights, dst, groups, stride, dilation, padLeft, padRight, given,
                postOps);
    }

    public ConvSpec withPostOps(PostOps chain) {
        return new ConvSpec(type, transposed, src, weights, dst, groups, stride, dilation, padLeft, padRight, bias,
                chain);
    }

    /** The sizes of the result, [n, o, …]. */
    public long[] dstSizes() { return dst.values().clone(); }

    /** Multiplications and additions. */
    long operations() {
        long count = 2;
        for (long size : (transposed ? src : dst).values()) count *= size;
        for (int d = 1; d < weights.rank(); d++) count *= weights.get(d);
        return count;
    }

    /** PyTorch's weights seen as oneDNN's: the groups a dimension of their own, outputs before inputs. */
    public DnnLayout weightsSource(long[] strides) {
        int rank = weights.rank();
        if (groups == 1) {
            long[] sizes = weights.values().clone();
            long[] steps = strides.clone();
            if (transposed) swap(sizes, steps, 0, 1);
            return DnnLayout.plain(type, sizes, steps);
        }
        long[] sizes = new long[rank + 1];
        long[] steps = new long[rank + 1];
        System.arraycopy(weights.values(), 0, sizes, 1, rank);
        System.arraycopy(strides, 0, steps, 1, rank);
        sizes[0] = groups;
        sizes[1] /= groups;
        steps[0] = steps[1] * sizes[1];
        if (transposed) swap(sizes, steps, 1, 2);
        return DnnLayout.plain(type, sizes, steps);
    }

    private static void swap(long[] sizes, long[] steps, int i, int j) {
        long size = sizes[i];
        sizes[i] = sizes[j];
        sizes[j] = size;
        long step = steps[i];
        steps[i] = steps[j];
        steps[j] = step;
    }

    /** @param src the order the source must have, or null where oneDNN may choose */
    DnnPrimitive build(long engine, DnnLayout src, DnnLayout dst) {
        for (long size : this.dst.values()) {
            if (size <= 0) throw new IllegalArgumentException(this + " has no output: its sizes are " + this.dst);
        }
        try (PrimitiveBuilder p = new PrimitiveBuilder(engine, postOps, describe())) {
            long source = p.layout(src != null ? src : DnnLayout.any(type, this.src.values()));
            long kernel = p.layout(DnnLayout.any(type, weightsSource(contiguousStrides(weights.values())).sizes()));
            long shift = p.layout(bias ? DnnLayout.contiguous(type, this.dst.get(1)) : null);
            long result = p.layout(dst != null ? dst : DnnLayout.any(type, this.dst.values()));
            long[] gaps = dilation.values().clone();
            for (int d = 0; d < gaps.length; d++) gaps[d]--;
            MethodHandle create = transposed ? TRANSPOSED : FORWARD;
            int algorithm = transposed ? Dnn.DECONVOLUTION_DIRECT : Dnn.CONVOLUTION_DIRECT;
            OneDnnLibrary.Create call = out -> (int) create.invokeExact(out, engine, Dnn.FORWARD_INFERENCE,
                    algorithm, source,
                    kernel, shift, result, p.dims(stride.values()), p.dims(gaps), p.dims(padLeft.values()),
                    p.dims(padRight.values()), p.attributes());
            return bias ? p.build(call, Dnn.ARG_SRC, Dnn.ARG_WEIGHTS, Dnn.ARG_DST, Dnn.ARG_BIAS)
                    : p.build(call, Dnn.ARG_SRC, Dnn.ARG_WEIGHTS, Dnn.ARG_DST);
        }
    }

    private String describe() {
        return (transposed ? "transposed " : "") + "convolution of " + type.printName() + src + " with " + weights
                + ", stride " + stride
                + ", dilation " + dilation + ", padding " + padLeft + " and " + padRight + ", groups " + groups;
    }

    private static long[] contiguousStrides(long[] sizes) {
        long[] strides = new long[sizes.length];
        long step = 1;
        for (int d = sizes.length - 1; d >= 0; d--) {
            strides[d] = step;
            step *= sizes[d];
        }
        return strides;
    }

    private static MethodHandle bind(String function) {
        return OneDnnLibrary.bind(function, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG,
                JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
    }
}
