package dev.cresset.kernels.ops.linalg;

import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cpu.Parallel;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;

/** Fourier transforms of tensors along one dimension. */
final class Spectrum {
    private static final int GRAIN = 4096;

    private Spectrum() {}

    /** Complex to complex. */
    static Tensor complex(CallContext c, Tensor t, int dim, boolean forward, double scale) {
        int n = (int) t.size(dim);
        Tensor out = c.empty(t.dtype().toComplex(), t.sizes());
        Fft plan = new Fft(n);
        lines(c, t, out, dim, n, (re, im) -> plan.run(re, im, forward), scale);
        return out;
    }

    /** The first {@code count} values of the transform of real numbers. */
    static Tensor ofReal(CallContext c, Tensor t, int dim, int count, double scale) {
        int n = (int) t.size(dim);
        Tensor out = c.empty(t.dtype().toComplex(), resized(t, dim, count));
        Fft plan = new Fft(n);
        lines(c, t, out, dim, n, (re, im) -> plan.run(re, im, true), scale);
        return out;
    }

    /** The n real numbers whose spectrum begins with these values. */
    static Tensor toReal(CallContext c, Tensor t, int dim, int n, double scale) {
        Tensor out = c.empty(t.dtype().toReal(), resized(t, dim, n));
        Fft plan = new Fft(n);
        lines(c, t, out, dim, n, (re, im) -> {
            im[0] = 0;
            for (int k = 1; k < n - k; k++) {
                re[n - k] = re[k];
                im[n - k] = -im[k];
            }
            if (n % 2 == 0) im[n / 2] = 0;
            plan.run(re, im, false);
        }, scale);
        return out;
    }

    private static long[] resized(Tensor t, int dim, int n) {
        long[] sizes = t.sizes().clone();
        sizes[dim] = n;
        return sizes;
    }

    private interface Transform { void run(double[] re, double[] im); }

    private static void lines(CallContext c, Tensor in, Tensor out, int dim, int n, Transform transform, double scale) {
        long[] outer = Views.without(in.sizes(), dim);
        long[] inSteps = Views.without(in.strides(), dim);
        long[] outSteps = Views.without(out.strides(), dim);
        Parallel.forRange(c.threads(), Shapes.numel(outer), Math.max(1, GRAIN / n), (from, to) -> {
            double[] re = new double[n];
            double[] im = new double[n];
            for (long l = from; l < to; l++) {
                load(in, in.offset() + at(l, outer, inSteps), in.strides()[dim], Math.min(n, (int) in.size(dim)), re, im);
                transform.run(re, im);
                store(out, out.offset() + at(l, outer, outSteps), out.strides()[dim], (int) out.size(dim), re, im, scale);
            }
        });
    }

    private static long at(long line, long[] sizes, long[] strides) {
        long at = 0;
        long rest = line;
        for (int d = sizes.length - 1; d >= 0; d--) {
            at += rest % sizes[d] * strides[d];
            rest /= sizes[d];
        }
        return at;
    }

    private static void load(Tensor t, long at, long step, int count, double[] re, double[] im) {
        ScalarType type = t.dtype();
        for (int i = 0; i < re.length; i++) {
            boolean inside = i < count;
            if (inside && type.isComplex()) {
                Complex z = Elements.getComplex(t.data(), type, at + i * step);
                re[i] = z.re();
                im[i] = z.im();
            } else {
                re[i] = inside ? Elements.getDouble(t.data(), type, at + i * step) : 0;
                im[i] = 0;
            }
        }
    }

    private static void store(Tensor t, long at, long step, int count, double[] re, double[] im, double scale) {
        ScalarType type = t.dtype();
        for (int i = 0; i < count; i++) {
            if (type.isComplex()) Elements.setComplex(t.data(), type, at + i * step, re[i] * scale, im[i] * scale);
            else Elements.setDouble(t.data(), type, at + i * step, re[i] * scale);
        }
    }
}
