package dev.cresset.kernels.cpu.onednn;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.cresset.ir.diag.UnsupportedException;
import java.lang.invoke.MethodHandle;
import java.util.List;

/**
 * Pooling over 1 to 3 spatial dimensions of [n, c, …]. The result comes in the source's order where {@code dst} leaves
 * it open. Two differences from PyTorch that the caller decides about: the maximum of a window does not carry NaN on,
 * and a window of nothing but minus infinity gives the smallest finite number. Dilation runs in slow reference loops.
 */
public record PoolSpec(Kind kind, DnnLayout src, DnnLayout dst, Dims kernel, Dims stride, Dims dilation, Dims padLeft,
        Dims padRight) {
    private static final MethodHandle CREATE = OneDnnLibrary.bind("dnnl_pooling_forward_primitive_desc_create",
            JAVA_INT,
            ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS,
            JAVA_LONG);

    /** What is taken of a window. */
    public enum Kind {
        MAX(Dnn.POOLING_MAX),
        /** The padding counts as zeros. */
        AVERAGE_WITH_PADDING(Dnn.POOLING_AVG_INCLUDE_PADDING),
        AVERAGE(Dnn.POOLING_AVG_EXCLUDE_PADDING);

        private final int algorithm;

        Kind(int algorithm) { this.algorithm = algorithm; }
    }

    /**
     * As PyTorch's pooling operators describe it: the same padding on both sides, and with {@code ceilMode} one more
     * window where it starts inside the source or its left padding.
     *
     * @throws UnsupportedException for AVERAGE_WITH_PADDING with a window beyond the padding, which PyTorch divides
     *         otherwise
     */
    public static PoolSpec of(Kind kind, DnnLayout src, long[] kernel, long[] stride, long[] padding, long[] dilation,
            boolean ceilMode) {
        long[] sizes = src.sizes();
        long[] padRight = padding.clone();
        for (int d = 0; d < kernel.length; d++) {
            long size = sizes[d + 2];
            long window = (kernel[d] - 1) * dilation[d] + 1;
            long room = size + 2 * padding[d] - window;
            long windows = Math.floorDiv(room, stride[d]) + 1;
            if (ceilMode && (windows - 1) * stride[d] < room && windows * stride[d] < size + padding[d]) windows++;
            long used = (windows - 1) * stride[d] + window - size - padding[d];
            if (used > padding[d] && kind == Kind.AVERAGE_WITH_PADDING) {
                throw new UnsupportedException("oneDNN's average with padding counted has no window that reaches "
                        + "beyond the padding (ceil_mode)", List.of());
            }
            padRight[d] = Math.max(used, 0);
            sizes[d + 2] = windows;
        }
        return new PoolSpec(kind, src, DnnLayout.any(src.type(), sizes), new Dims(kernel), new Dims(stride),
                new Dims(dilation), new Dims(padding), new Dims(padRight));
    }

    /** With a definite order of the result. */
    public PoolSpec withDst(DnnLayout layout) {
        return new PoolSpec(kind, src, layout, kernel, stride, dilation, padLeft, padRight);
    }

    /** Elements looked at. */
    long operations() {
        long count = 1;
        for (long size : dst.sizes()) count *= size;
        for (long size : kernel.values()) count *= size;
        return count;
    }

    /** The sizes of the result, [n, c, …]. */
    public long[] dstSizes() { return dst.sizes(); }

    DnnPrimitive build(long engine) {
        String doing = kind + " pooling of " + src + " by " + kernel + ", stride " + stride + ", padding " + padLeft
                + " and "
                + padRight + ", dilation " + dilation;
        try (PrimitiveBuilder p = new PrimitiveBuilder(engine, PostOps.NONE, doing)) {
            long source = p.layout(src);
            long result = p.layout(dst);
            long[] gaps = dilation.values().clone();
            for (int d = 0; d < gaps.length; d++) gaps[d]--;
            return p.build(out -> (int) CREATE.invokeExact(out, engine, Dnn.FORWARD_INFERENCE, kind.algorithm, source,
                    result, p.dims(stride.values()), p.dims(kernel.values()), p.dims(gaps), p.dims(padLeft.values()),
                    p.dims(padRight.values()), p.attributes()), Dnn.ARG_SRC, Dnn.ARG_DST);
        }
    }
}
