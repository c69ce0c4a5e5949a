package dev.cresset.tensor;

import dev.cresset.ir.diag.ScriptError;
import java.util.Arrays;

/** Arithmetic on sizes and strides. Sizes and strides count elements; row-major unless said otherwise. */
public final class Shapes {
    /** PyTorch's memory format codes. */
    public static final int CONTIGUOUS = 0, PRESERVE = 1, CHANNELS_LAST = 2, CHANNELS_LAST_3D = 3;

    private Shapes() {}

    /** The number of elements. @throws ScriptError if it does not fit, or a size is negative */
    public static long numel(long[] sizes) {
        long n = 1;
        for (long s : sizes) {
            if (s < 0) throw new ScriptError("Trying to create tensor with negative dimension " + s + ": " + Arrays.toString(sizes));
            n = s == 0 || n == 0 ? 0 : multiply(n, s, sizes);
        }
        return n;
    }

    private static long multiply(long n, long s, long[] sizes) {
        long high = Math.multiplyHigh(n, s);
        if (high != 0 || n * s < 0) throw new ScriptError("sizes " + Arrays.toString(sizes) + " are too large");
        return n * s;
    }

    /** Row-major strides. */
    public static long[] contiguousStrides(long[] sizes) {
        long[] strides = new long[sizes.length];
        long step = 1;
        for (int d = sizes.length - 1; d >= 0; d--) {
            strides[d] = step;
            step *= Math.max(1, sizes[d]);
        }
        return strides;
    }

    /** Strides of a dense block of memory with the dimensions in the order that these strides have; equal ones as in row-major order. */
    public static long[] denseStrides(long[] sizes, long[] like) {
        Integer[] order = new Integer[sizes.length];
        for (int d = 0; d < order.length; d++) order[d] = sizes.length - 1 - d;
        Arrays.sort(order, (x, y) -> Long.compare(like[x], like[y]));
        long[] strides = new long[sizes.length];
        long step = 1;
        for (int d : order) {
            strides[d] = step;
            step *= sizes[d];
        }
        return strides;
    }

    /** Strides of N×C×H×W (or N×C×D×H×W) with the channel varying fastest. */
    public static long[] channelsLastStrides(long[] sizes) {
        int n = sizes.length;
        long[] strides = new long[n];
        strides[1] = 1;
        long step = Math.max(1, sizes[1]);
        for (int d = n - 1; d >= 2; d--) {
            strides[d] = step;
            step *= Math.max(1, sizes[d]);
        }
        strides[0] = step;
        return strides;
    }

    public static long[] strides(long[] sizes, int memoryFormat) {
        if (memoryFormat == CHANNELS_LAST && sizes.length != 4) {
            throw new ScriptError("required rank 4 tensor to use channels_last format");
        }
        if (memoryFormat == CHANNELS_LAST_3D && sizes.length != 5) {
            throw new ScriptError("required rank 5 tensor to use channels_last_3d format");
        }
        return memoryFormat >= CHANNELS_LAST ? channelsLastStrides(sizes) : contiguousStrides(sizes);
    }

    /** True if {@code strides} are those of {@code expected}, not counting dimensions of size 1 and empty tensors. */
    public static boolean sameLayout(long[] sizes, long[] strides, long[] expected) {
        for (long s : sizes) if (s == 0) return true;
        for (int d = 0; d < sizes.length; d++) if (sizes[d] != 1 && strides[d] != expected[d]) return false;
        return true;
    }

    /** The shape two shapes broadcast to. @throws ScriptError in PyTorch's words if they do not */
    public static long[] broadcast(long[] a, long[] b) {
        if (Arrays.equals(a, b)) return a;
        int n = Math.max(a.length, b.length);
        long[] out = new long[n];
        for (int i = 1; i <= n; i++) {
            long x = i <= a.length ? a[a.length - i] : 1;
            long y = i <= b.length ? b[b.length - i] : 1;
            if (x != y && x != 1 && y != 1) {
                throw new ScriptError("The size of tensor a (" + x + ") must match the size of tensor b (" + y
                    + ") at non-singleton dimension " + (n - i));
            }
            out[n - i] = x == 1 ? y : x;
        }
        return out;
    }

    /** Strides that read a tensor as if expanded to {@code target}: 0 where it repeats. */
    public static long[] broadcastStrides(long[] sizes, long[] strides, long[] target) {
        long[] out = new long[target.length];
        int shift = target.length - sizes.length;
        for (int d = 0; d < sizes.length; d++) out[d + shift] = sizes[d] == 1 && target[d + shift] != 1 ? 0 : strides[d];
        return out;
    }

    /** A dimension counted from the front; a 0-dim tensor is treated as having one. @throws ScriptError if out of range */
    public static int wrapDim(long dim, int rank) {
        int n = Math.max(1, rank);
        if (dim < -n || dim >= n) {
            throw new ScriptError("IndexError", "Dimension out of range (expected to be in range of [" + -n + ", " + (n - 1)
                + "], but got " + dim + ")");
        }
        return (int) (dim < 0 ? dim + n : dim);
    }

    /** Fills in the one -1 of a requested shape. @throws ScriptError if the shape does not fit the number of elements */
    public static long[] infer(long[] shape, long numel) {
        long known = 1;
        int open = -1;
        for (int d = 0; d < shape.length; d++) {
            if (shape[d] == -1) {
                if (open >= 0) throw new ScriptError("only one dimension can be inferred");
                open = d;
            } else if (shape[d] < 0) {
                throw new ScriptError("invalid shape dimension " + shape[d]);
            } else {
                known *= shape[d];
            }
        }
        boolean fits = open < 0 ? known == numel : known != 0 ? numel % known == 0 : false;
        if (open >= 0 && known == 0 && numel == 0) {
            throw new ScriptError("cannot reshape tensor of 0 elements into shape " + Arrays.toString(shape)
                + " because the unspecified dimension size -1 can be any value and is ambiguous");
        }
        if (!fits) throw new ScriptError("shape '" + Arrays.toString(shape) + "' is invalid for input of size " + numel);
        long[] out = shape.clone();
        if (open >= 0) out[open] = numel / known;
        return out;
    }

    /** Strides that show the same elements in another shape without copying, or null if that is impossible. */
    public static long[] viewStrides(long[] sizes, long[] strides, long[] shape) {
        if (numel(sizes) == 0) return contiguousStrides(shape);
        long[] out = new long[shape.length];
        int view = shape.length - 1;
        long chunkStride = sizes.length == 0 ? 1 : strides[sizes.length - 1];
        long chunk = 1;
        long viewed = 1;
        for (int d = sizes.length - 1; d >= 0; d--) {
            chunk *= sizes[d];
            boolean ends = d == 0 || sizes[d - 1] != 1 && strides[d - 1] != chunk * chunkStride;
            if (!ends) continue;
            while (view >= 0 && (viewed < chunk || shape[view] == 1)) {
                out[view] = viewed * chunkStride;
                viewed *= shape[view--];
            }
            if (viewed != chunk) return null;
            if (d > 0) {
                chunkStride = strides[d - 1];
                chunk = 1;
                viewed = 1;
            }
        }
        for (; view >= 0; view--) {
            if (shape[view] != 1) return null;
            out[view] = 1;
        }
        return out;
    }
}
