package dev.cresset.kernels.ops.shape;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.code.IndexKernels;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** How an element written to a place combines with what is there. */
enum Reduce {
    ASSIGN, ADD, MULTIPLY, MAX, MIN;

    /** By its name in PyTorch; a mean adds, and divides afterwards. */
    static Reduce named(String name) {
        return switch (name) {
            case "add", "sum", "mean" -> Reduce.ADD;
            case "multiply", "prod" -> Reduce.MULTIPLY;
            case "amax" -> Reduce.MAX;
            case "amin" -> Reduce.MIN;
            default -> throw new ScriptError("reduce argument must be either sum, prod, mean, amax or amin (add or "
                + "multiply for scatter), got "
                + name);
        };
    }

    /** The same for a device. */
    IndexKernels.Join join() {
        return switch (this) {
            case ASSIGN -> IndexKernels.Join.ASSIGN;
            case ADD -> IndexKernels.Join.ADD;
            case MULTIPLY -> IndexKernels.Join.MULTIPLY;
            case MAX -> IndexKernels.Join.MAX;
            case MIN -> IndexKernels.Join.MIN;
        };
    }

    double apply(double old, double x) {
        return switch (this) {
            case ASSIGN -> x;
            case ADD -> old + x;
            case MULTIPLY -> old * x;
            case MAX -> Math.max(old, x);
            case MIN -> Math.min(old, x);
        };
    }

    long apply(long old, long x) {
        return switch (this) {
            case ASSIGN -> x;
            case ADD -> old + x;
            case MULTIPLY -> old * x;
            case MAX -> Math.max(old, x);
            case MIN -> Math.min(old, x);
        };
    }

    private Complex apply(Complex old, Complex x) {
        return switch (this) {
            case ASSIGN -> x;
            case ADD -> new Complex(old.re() + x.re(), old.im() + x.im());
            case MULTIPLY -> new Complex(old.re() * x.re() - old.im() * x.im(), old.re() * x.im() + old.im() * x.re());
            case MAX, MIN -> throw noOrder();
        };
    }

    static ScriptError noOrder() { return new ScriptError("complex numbers have no order"); }

    /** What changes nothing when elements of this type are combined with it. */
    Object neutral(ScalarType type) {
        boolean real = type.isFloating();
        return switch (this) {
            case ASSIGN, ADD -> (Object) 0L;
            case MULTIPLY -> 1L;
            case MAX -> real ? (Object) Double.NEGATIVE_INFINITY : (Object) least(type);
            case MIN -> real ? (Object) Double.POSITIVE_INFINITY : (Object) (type == ScalarType.BOOL ? 1L : type == ScalarType.UINT8 ? 255L : -1 - least(type));
        };
    }

    private static long least(ScalarType type) {
        return type == ScalarType.BOOL || type == ScalarType.UINT8 ? 0 : -1L << 8 * type.byteSize() - 1;
    }

    /** Combines one element. Positions count elements. */
    void element(ScalarType type, MemorySegment to, long at, MemorySegment from, long source) {
        switch (type) {
            case FLOAT32 -> {
                float old = this == ASSIGN ? 0 : to.get(JAVA_FLOAT_UNALIGNED, 4 * at);
                to.set(JAVA_FLOAT_UNALIGNED, 4 * at,
                    (float) apply((double) old, from.get(JAVA_FLOAT_UNALIGNED, 4 * source)));
            }
            case FLOAT64 -> to.set(JAVA_DOUBLE_UNALIGNED, 8 * at,
                apply(to.get(JAVA_DOUBLE_UNALIGNED, 8 * at), from.get(JAVA_DOUBLE_UNALIGNED, 8 * source)));
            case INT64 -> to.set(JAVA_LONG_UNALIGNED, 8 * at,
                apply(to.get(JAVA_LONG_UNALIGNED, 8 * at), from.get(JAVA_LONG_UNALIGNED, 8 * source)));
            default -> general(type, to, at, from, source);
        }
    }

    /** Combines elements that lie side by side. */
    void row(ScalarType type, MemorySegment to, long at, MemorySegment from, long source, long length) {
        int width = type.byteSize();
        if (this == ASSIGN) {
            MemorySegment.copy(from, source * width, to, at * width, length * width);
        } else if (this == ADD && type == ScalarType.FLOAT32) {
            for (long i = 0; i < length; i++) {
                float sum = to.get(JAVA_FLOAT_UNALIGNED, 4 * (at + i))
                    + from.get(JAVA_FLOAT_UNALIGNED, 4 * (source + i));
                to.set(JAVA_FLOAT_UNALIGNED, 4 * (at + i), sum);
            }
        } else {
            for (long i = 0; i < length; i++) element(type, to, at + i, from, source + i);
        }
    }

    private void general(ScalarType type, MemorySegment to, long at, MemorySegment from, long source) {
        if (type.isComplex()) {
            Complex z = apply(Elements.getComplex(to, type, at), Elements.getComplex(from, type, source));
            Elements.setComplex(to, type, at, z.re(), z.im());
        } else if (type.isFloating()) {
            Elements.setDouble(to, type, at,
                apply(Elements.getDouble(to, type, at), Elements.getDouble(from, type, source)));
        } else {
            Elements.setLong(to, type, at, apply(Elements.getLong(to, type, at), Elements.getLong(from, type, source)));
        }
    }

    /** Combines the elements of row-major {@code from} into {@code to}, as {@link MappedCopy#scatter} writes them. */
    void scatter(Tensor from, Tensor to, long[][] maps) { scatter(from, to, maps, 0, to.offset(), from.offset()); }

    private long scatter(Tensor from, Tensor to, long[][] maps, int dim, long there, long here) {
        if (dim == from.dim()) {
            element(to.dtype(), to.data(), there, from.data(), here);
            return here + 1;
        }
        long stride = to.strides()[dim];
        long at = here;
        for (int i = 0; i < from.sizes()[dim]; i++) {
            at = scatter(from, to, maps, dim + 1, there + (maps[dim] == null ? i : maps[dim][i]) * stride, at);
        }
        return at;
    }
}
