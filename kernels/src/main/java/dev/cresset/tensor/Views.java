package dev.cresset.tensor;

import dev.cresset.ir.diag.ScriptError;
import java.util.Arrays;

/** Views of tensors: other sizes and strides over the same elements. Nothing here copies. */
public final class Views {
    private Views() {}

    /** One position of a dimension, which disappears. */
    public static Tensor select(Tensor t, long dim, long index) {
        if (t.dim() == 0) throw new ScriptError("select() cannot be applied to a 0-dim tensor.");
        int d = Shapes.wrapDim(dim, t.dim());
        long size = t.sizes()[d];
        if (index < -size || index >= size) {
            throw new ScriptError("select(): index " + index + " out of range for tensor of size "
                + Arrays.toString(t.sizes())
                + " at dimension " + d);
        }
        long at = index < 0 ? index + size : index;
        return t.view(without(t.sizes(), d), without(t.strides(), d), t.offset() + at * t.strides()[d]);
    }

    /** Positions start, start + step … below end; both are counted from the end if negative and clamped. */
    public static Tensor slice(Tensor t, long dim, long start, long end, long step) {
        if (t.dim() == 0) throw new ScriptError("slice() cannot be applied to a 0-dim tensor.");
        int d = Shapes.wrapDim(dim, t.dim());
        if (step <= 0) throw new ScriptError("slice step must be positive");
        long size = t.sizes()[d];
        long from = Math.clamp(start < 0 ? start + size : start, 0, size);
        long to = Math.clamp(end < 0 ? end + size : end, from, size);
        long[] sizes = t.sizes().clone();
        long[] strides = t.strides().clone();
        sizes[d] = to == from ? 0 : (to - from - 1) / step + 1;
        strides[d] *= step;
        return t.view(sizes, strides, t.offset() + from * t.strides()[d]);
    }

    /** {@code length} positions of a dimension from {@code start} on. */
    public static Tensor narrow(Tensor t, long dim, long start, long length) {
        if (t.dim() == 0) throw new ScriptError("narrow() cannot be applied to a 0-dim tensor.");
        if (length < 0) throw new ScriptError("narrow(): length must be non-negative.");
        int d = Shapes.wrapDim(dim, t.dim());
        long size = t.sizes()[d];
        long from = start < 0 && start >= -size ? start + size : start;
        if (from < 0 || from > size - length) {
            throw new ScriptError("start (" + from + ") + length (" + length + ") exceeds dimension size (" + size
                + ").");
        }
        return slice(t, d, from, from + length, 1);
    }

    public static Tensor transpose(Tensor t, long dim0, long dim1) {
        int a = Shapes.wrapDim(dim0, t.dim());
        int b = Shapes.wrapDim(dim1, t.dim());
        if (a == b) return t.view(t.sizes(), t.strides());
        return t.view(swapped(t.sizes(), a, b), swapped(t.strides(), a, b));
    }

    /** Dimension i of the result is dimension {@code dims[i]}. */
    public static Tensor permute(Tensor t, long... dims) {
        int n = t.dim();
        if (dims.length != n) {
            throw new ScriptError("permute(sparse_coo): number of dimensions in the tensor input does not match "
                + "the length of the "
                + "desired ordering of dimensions i.e. input.dim() = " + n + " is not equal to len(dims) = "
                + dims.length);
        }
        long[] sizes = new long[n];
        long[] strides = new long[n];
        boolean[] seen = new boolean[n];
        for (int i = 0; i < n; i++) {
            int d = Shapes.wrapDim(dims[i], n);
            if (seen[d]) throw new ScriptError("permute(): duplicate dims are not allowed.");
            seen[d] = true;
            sizes[i] = t.sizes()[d];
            strides[i] = t.strides()[d];
        }
        return t.view(sizes, strides);
    }

    /** A new dimension of size 1 at this place of the result. */
    public static Tensor unsqueeze(Tensor t, long dim) {
        int d = Shapes.wrapDim(dim, t.dim() + 1);
        long stride = d < t.dim() ? t.sizes()[d] * t.strides()[d] : 1;
        return t.view(with(t.sizes(), d, 1), with(t.strides(), d, stride));
    }

    /** Without its dimensions of size 1. */
    public static Tensor squeeze(Tensor t) {
        Tensor out = t;
        for (int d = t.dim() - 1; d >= 0; d--) if (t.sizes()[d] == 1) out = squeeze(out, d);
        return out == t ? t.view(t.sizes(), t.strides()) : out;
    }

    /** Without this dimension, if its size is 1. */
    public static Tensor squeeze(Tensor t, long dim) {
        int d = Shapes.wrapDim(dim, t.dim());
        if (t.dim() == 0 || t.sizes()[d] != 1) return t.view(t.sizes(), t.strides());
        return t.view(without(t.sizes(), d), without(t.strides(), d));
    }

    /** Dimensions of size 1 repeated to the target's sizes, where -1 keeps a size. */
    public static Tensor expand(Tensor t, long... target) {
        int shift = target.length - t.dim();
        if (shift < 0) {
            throw new ScriptError("expand(torch." + t.dtype()
                .printName() + "Tensor{" + Arrays.toString(t.sizes()) + "}, size="
                + Arrays.toString(target) + "): the number of sizes provided (" + target.length
                + ") must be greater or equal to the number of dimensions in the tensor (" + t.dim() + ")");
        }
        long[] sizes = target.clone();
        long[] strides = new long[target.length];
        for (int i = target.length - 1; i >= 0; i--) {
            boolean old = i >= shift;
            long size = old ? t.sizes()[i - shift] : 1;
            long stride = old ? t.strides()[i - shift] : i + 1 < target.length ? sizes[i + 1] * strides[i + 1] : 1;
            if (target[i] == -1) {
                if (!old) {
                    throw new ScriptError("The expanded size of the tensor (-1) isn't allowed in a leading, "
                        + "non-existing dimension " + i);
                }
                sizes[i] = size;
            }
            if (sizes[i] != size && size != 1) {
                throw new ScriptError("The expanded size of the tensor (" + sizes[i]
                    + ") must match the existing size (" + size
                    + ") at non-singleton dimension " + i + ".  Target sizes: " + Arrays.toString(target)
                    + ".  Tensor sizes: "
                    + Arrays.toString(t.sizes()));
            }
            strides[i] = sizes[i] != size ? 0 : stride;
        }
        return t.view(sizes, strides);
    }

    /** The same elements in another shape, one size of which may be -1; null if that needs a copy. */
    public static Tensor viewOrNull(Tensor t, long... shape) {
        long[] sizes = Shapes.infer(shape, t.numel());
        long[] strides = Shapes.viewStrides(t.sizes(), t.strides(), sizes);
        return strides == null ? null : t.view(sizes, strides);
    }

    /** As {@link #viewOrNull}. @throws ScriptError if that needs a copy */
    public static Tensor view(Tensor t, long... shape) {
        Tensor view = viewOrNull(t, shape);
        if (view == null) {
            throw new ScriptError("view size is not compatible with input tensor's size and stride (at least one "
                + "dimension "
                + "spans across two contiguous subspaces). Use .reshape(...) instead.");
        }
        return view;
    }

    /** The diagonal of two dimensions, which becomes the last dimension. */
    public static Tensor diagonal(Tensor t, long offset, long dim1, long dim2) {
        int a = Shapes.wrapDim(dim1, t.dim());
        int b = Shapes.wrapDim(dim2, t.dim());
        if (a == b) throw new ScriptError("diagonal dimensions cannot be identical " + dim1 + ", " + dim2);
        long length = offset >= 0 ? Math.min(t.sizes()[a], t.sizes()[b] - offset)
            : Math.min(t.sizes()[a] + offset, t.sizes()[b]);
        length = Math.max(0, length);
        long start = length == 0 ? 0 : offset >= 0 ? offset * t.strides()[b] : -offset * t.strides()[a];
        int hi = Math.max(a, b);
        int lo = Math.min(a, b);
        long[] sizes = without(without(t.sizes(), hi), lo);
        long[] strides = without(without(t.strides(), hi), lo);
        return t.view(with(sizes, sizes.length, length), with(strides, strides.length, t.strides()[a] + t.strides()[b]),
            t.offset() + start);
    }

    /** Windows of a dimension; the position within the window becomes the last dimension. */
    public static Tensor unfold(Tensor t, long dim, long size, long step) {
        int d = Shapes.wrapDim(dim, t.dim());
        long available = t.dim() == 0 ? 1 : t.sizes()[d];
        if (size > available) {
            throw new ScriptError("maximum size for tensor at dimension " + d + " is " + available + " but size is "
                + size);
        }
        if (step <= 0) throw new ScriptError("step is " + step + " but must be > 0");
        if (t.dim() == 0) return t.view(new long[] {size}, new long[] {1});
        long[] sizes = with(t.sizes(), t.dim(), size);
        long[] strides = with(t.strides(), t.dim(), t.strides()[d]);
        sizes[d] = (available - size) / step + 1;
        strides[d] *= step;
        return t.view(sizes, strides);
    }

    /** A complex tensor as pairs of real numbers in a last dimension. */
    public static Tensor asReal(Tensor t) {
        if (!t.dtype().isComplex()) throw new ScriptError("view_as_real is only supported for complex tensors");
        long[] strides = Arrays.stream(t.strides()).map(s -> 2 * s).toArray();
        return new Tensor(t.storage(), t.dtype()
            .toReal(), 2 * t.offset(), with(t.sizes(), t.dim(), 2), with(strides, t.dim(), 1));
    }

    /** Pairs of real numbers in the last dimension as a complex tensor. */
    public static Tensor asComplex(Tensor t) {
        int last = t.dim() - 1;
        if (last < 0 || t.sizes()[last] != 2) throw new ScriptError("Tensor must have a last dimension of size 2");
        if (t.strides()[last] != 1) throw new ScriptError("Tensor must have a last dimension with stride 1");
        if (!t.dtype().isFloating()) {
            throw new ScriptError("view_as_complex is only supported for half, float and double tensors, but got a "
                + "tensor of scalar type: "
                + t.dtype().printName());
        }
        long[] strides = without(t.strides(), last);
        for (int d = 0; d < last; d++) {
            if (strides[d] % 2 != 0) {
                throw new ScriptError("Tensor must have a stride divisible by 2 for all but last dimension");
            }
            strides[d] /= 2;
        }
        if (t.offset() % 2 != 0) throw new ScriptError("Tensor must have a storage_offset divisible by 2");
        return new Tensor(t.storage(), t.dtype().toComplex(), t.offset() / 2, without(t.sizes(), last), strides);
    }

    /** A copy of the array without this position. */
    public static long[] without(long[] v, int at) {
        long[] out = new long[v.length - 1];
        System.arraycopy(v, 0, out, 0, at);
        System.arraycopy(v, at + 1, out, at, out.length - at);
        return out;
    }

    /** A copy of the array with a value put in before this position. */
    public static long[] with(long[] v, int at, long value) {
        long[] out = new long[v.length + 1];
        System.arraycopy(v, 0, out, 0, at);
        out[at] = value;
        System.arraycopy(v, at, out, at + 1, v.length - at);
        return out;
    }

    private static long[] swapped(long[] v, int a, int b) {
        long[] out = v.clone();
        out[a] = v[b];
        out[b] = v[a];
        return out;
    }
}
