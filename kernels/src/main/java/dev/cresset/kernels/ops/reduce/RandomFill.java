package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Generator;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;

/**
 * Filling tensors with random elements. A call reserves one counter for each element; element k (row-major) depends on
 * counter base + k alone, so neither threads nor layout change it. What needs more than 128 random bits seeds a stream of
 * its own from that counter ({@link Samplers}). They are drawn on the host also for a device, so that both see the same.
 */
final class RandomFill {
    private RandomFill() {}

    /** The element of a counter; {@code k} is its row-major position. */
    @FunctionalInterface
    interface Real { double at(Generator g, long counter, long k); }

    /** As {@link Real} for integers. */
    @FunctionalInterface
    interface Whole { long at(Generator g, long counter, long k); }

    static Tensor reals(CallContext c, Generator g, Tensor out, Real element) {
        return fill(c, g, out, (to, counter, k) -> Elements.setDouble(to.data(), to.dtype(), to.offset() + k, element.at(g, counter, k)));
    }

    static Tensor integers(CallContext c, Generator g, Tensor out, Whole element) {
        return fill(c, g, out, (to, counter, k) -> Elements.setLong(to.data(), to.dtype(), to.offset() + k, element.at(g, counter, k)));
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

    /** Uniform in [0, 1) with as many bits as the type's mantissa has, so that rounding never gives 1. */
    static double uniform(ScalarType type, Generator g, long counter) {
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
