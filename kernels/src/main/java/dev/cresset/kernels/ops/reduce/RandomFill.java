package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.ops.CudaRandom;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Generator;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;

/**
 * Filling tensors with random elements. A call reserves one counter for each element; element k (row-major) depends on
 * counter base + k alone, so neither threads nor layout change it. What needs more than 128 random bits seeds a stream of
 * its own from that counter ({@link Samplers}). A device sees the same: of the standard distributions it draws itself, all else
 * is drawn on the host for it.
 */
final class RandomFill {
    private RandomFill() {}

    /** A distribution without parameters. */
    enum Standard {
        /** In [0, 1), with as many bits as the type's mantissa has, so that rounding never gives 1. */
        UNIFORM,
        NORMAL;

        double at(ScalarType type, Generator g, long counter) { return this == UNIFORM ? uniform(type, g, counter) : g.normal(counter, 0); }
    }

    /** The element of a counter; {@code k} is its row-major position. */
    @FunctionalInterface
    interface Real { double at(Generator g, long counter, long k); }

    /** As {@link Real} for integers. */
    @FunctionalInterface
    interface Whole { long at(Generator g, long counter, long k); }

    static Tensor reals(CallContext c, Generator g, Tensor out, Real element) {
        return fill(c, g, out, (to, counter, k) -> Elements.setDouble(to.data(), to.dtype(), to.offset() + k, element.at(g, counter, k)));
    }

    private static Tensor integers(CallContext c, Generator g, Tensor out, Whole element) {
        return fill(c, g, out, (to, counter, k) -> Elements.setLong(to.data(), to.dtype(), to.offset() + k, element.at(g, counter, k)));
    }

    /** Fills with numbers of a standard distribution. */
    static Tensor standard(CallContext c, Generator g, Standard s, Tensor out) {
        if (!out.storage().isOnDevice()) return reals(c, g, out, (r, counter, _) -> s.at(out.dtype(), r, counter));
        if (s == Standard.UNIFORM) CudaRandom.uniform(c, g, out);
        else CudaRandom.normal(c, g, out);
        return out;
    }

    /** Fills with shift + scale · x, where x are numbers of a standard distribution. */
    static Tensor scaled(CallContext c, Generator g, Standard s, double shift, double scale, Tensor out) {
        if (!out.storage().isOnDevice()) return reals(c, g, out, (r, counter, _) -> shift + scale * s.at(out.dtype(), r, counter));
        ScalarType type = s == Standard.NORMAL ? ScalarType.FLOAT64 : out.dtype().isFloating() ? out.dtype() : ScalarType.FLOAT32;
        Tensor x = standard(c, g, s, c.empty(type, out.sizes()));
        Expr value = new Expr.Load(0, type).to(ScalarType.FLOAT64).mul(new Expr.Param(2, ScalarType.FLOAT64)).add(new Expr.Param(1, ScalarType.FLOAT64));
        Elementwise.apply(c, value, out, x, shift, scale);
        return out;
    }

    /** Fills with 1 where a uniform number is at least p, which is a number or an element of a tensor; else with 0. Only on a device. */
    static void trials(CallContext c, Generator g, Object p, Tensor out) {
        Tensor u = standard(c, g, Standard.UNIFORM, c.empty(ScalarType.FLOAT64, out.sizes()));
        Elementwise.apply(c, new Expr.Load(0, ScalarType.FLOAT64).ge(parameter(p, 1)), out, u, p);
    }

    /** A number or an element of a tensor, in double. */
    static Expr parameter(Object p, int input) {
        return p instanceof Tensor t ? new Expr.Load(input, t.dtype()).to(ScalarType.FLOAT64) : new Expr.Param(input, ScalarType.FLOAT64);
    }

    /** Fills with integers in [low, high). */
    static Tensor integers(CallContext c, Generator g, Tensor out, long low, long high) {
        if (!out.storage().isOnDevice()) return integers(c, g, out, (r, counter, _) -> integer(r, counter, low, high));
        CudaRandom.integers(c, g, low, high, out);
        return out;
    }

    private interface Write { void element(Tensor to, long counter, long k); }

    private static Tensor fill(CallContext c, Generator g, Tensor out, Write write) {
        boolean direct = out.isContiguous() && !out.storage().isOnDevice();
        Tensor to = direct ? out : c.onHost(() -> c.empty(out.dtype(), out.sizes()));
        long base = g.reserve(out.numel());
        Work.split(c.threads(), out.numel(), 16, (from, end) -> {
            for (long k = from; k < end; k++) write.element(to, base + k, k);
        });
        if (!direct) Elementwise.copy(c, c.place(to, out.device()), out);
        return out;
    }

    private static double uniform(ScalarType type, Generator g, long counter) {
        long bits = g.bits(counter, 0);
        return switch (type) {
            case FLOAT64 -> (bits >>> 11) * 0x1p-53;
            case FLOAT16 -> (bits >>> 53) * 0x1p-11;
            case BFLOAT16 -> (bits >>> 56) * 0x1p-8;
            default -> (bits >>> 40) * 0x1p-24;
        };
    }

    /** Uniform in low … high - 1; the bias of the multiplication is below 2⁻³² for ranges up to 2³². */
    static long integer(Generator g, long counter, long low, long high) {
        return low + Math.unsignedMultiplyHigh(g.bits(counter, 0), high - low);
    }
}
