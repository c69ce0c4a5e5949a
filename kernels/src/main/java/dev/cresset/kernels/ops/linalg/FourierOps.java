package dev.cresset.kernels.ops.linalg;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.stream.LongStream;

/** Fourier transforms, in PyTorch's {@code torch.fft} names. */
final class FourierOps implements OpFamily {
    private enum Kind { FFT, IFFT, RFFT, IRFFT, HFFT, IHFFT }

    /** The sizes to transform and where. */
    private record Axes(int[] dims, long[] sizes) {
        int last() { return dims[dims.length - 1]; }

        long lastSize() { return sizes[dims.length - 1]; }
    }

    @Override public void declare(Catalog ops) {
        for (Kind kind : Kind.values()) {
            String name = "aten::fft_" + kind.name().toLowerCase(java.util.Locale.ROOT);
            ops.op(name + "(Tensor self, int? n=None, int dim=-1, str? norm=None) -> Tensor").composite(a -> {
                long[] n = a.isNone(1) ? null : new long[] {a.int64(1)};
                return transform(a, kind, n, new long[] {a.int64(2)}, a.str(3));
            }).throughHost();
            ops.op(name + "2(Tensor self, int[1]? s=None, int[1] dim=[-2, -1], str? norm=None) -> Tensor")
                .composite(a -> transform(a, kind, a.longs(1), a.longs(2), a.str(3))).throughHost();
            ops.op(name + "n(Tensor self, int[1]? s=None, int[1]? dim=None, str? norm=None) -> Tensor")
                .composite(a -> transform(a, kind, a.longs(1), a.longs(2), a.str(3))).throughHost();
        }
        declareFrequencies(ops);
        declareShifts(ops);
        declareRaw(ops);
    }

    private static void declareFrequencies(Catalog ops) {
        String tail = "(int n, float d=1., *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor";
        ops.op("aten::fft_fftfreq" + tail).composite(a -> a.context().madeOnHost(() -> frequencies(a, a.int64(0))));
        ops.op("aten::fft_rfftfreq" + tail).composite(a -> a.context().madeOnHost(() -> frequencies(a, a.int64(0) / 2 + 1)));
    }

    private static void declareShifts(Catalog ops) {
        ops.op("aten::fft_fftshift(Tensor self, int[1]? dim=None) -> Tensor").composite(a -> shift(a, 0));
        ops.op("aten::fft_ifftshift(Tensor self, int[1]? dim=None) -> Tensor").composite(a -> shift(a, 1));
    }

    private static void declareRaw(Catalog ops) {
        ops.op("aten::_fft_c2c(Tensor self, int[] dim, int normalization, bool forward) -> Tensor").composite(a -> {
            Axes axes = axes(a.tensor(0), null, a.longs(1));
            return complex(a.context(), a.tensor(0), axes, axes.dims.length, a.bool(3), factor(a.int64(2), axes));
        }).throughHost();
        ops.op("aten::_fft_r2c(Tensor self, int[] dim, int normalization, bool onesided) -> Tensor").composite(a -> {
            Axes axes = axes(a.tensor(0), null, a.longs(1));
            int count = (int) (a.bool(3) ? axes.lastSize() / 2 + 1 : axes.lastSize());
            return ofReal(a.context(), a.tensor(0), axes, count, factor(a.int64(2), axes));
        }).throughHost();
        ops.op("aten::_fft_c2r(Tensor self, int[] dim, int normalization, int last_dim_size) -> Tensor").composite(a -> {
            Axes axes = axes(a.tensor(0), null, a.longs(1));
            axes.sizes[axes.dims.length - 1] = a.int64(3);
            return toReal(a.context(), a.tensor(0), axes, factor(a.int64(2), axes));
        }).throughHost();
    }

    /** PyTorch's codes: 0 nothing, 1 by the root of the number of elements, 2 by their number. */
    private static double factor(long code, Axes axes) {
        double n = Shapes.numel(axes.sizes);
        return code == 0 ? 1 : code == 1 ? 1 / Math.sqrt(n) : 1 / n;
    }

    private static Object transform(Args a, Kind kind, long[] sizes, long[] dims, String norm) {
        CallContext c = a.context();
        Tensor t = floating(c, a.tensor(0));
        boolean half = kind == Kind.IRFFT || kind == Kind.HFFT;
        Axes axes = axes(t, sizes, dims);
        if (axes.dims.length == 0) return c.call("aten::clone", kind == Kind.FFT || kind == Kind.IFFT ? complexType(c, t) : t);
        if (half && (sizes == null || sizes[sizes.length - 1] == -1)) axes.sizes[axes.dims.length - 1] = 2 * (axes.lastSize() - 1);
        for (long n : axes.sizes) if (n < 1) throw new ScriptError("Invalid number of data points (" + n + ") specified");
        if (t.dtype().isComplex() && (kind == Kind.RFFT || kind == Kind.IHFFT)) {
            throw new ScriptError(kind.name().toLowerCase(java.util.Locale.ROOT) + " expects a real input tensor, but got "
                + t.dtype().printName());
        }
        for (int i = 0; i < axes.dims.length; i++) {
            boolean lastHalf = half && i == axes.dims.length - 1;
            t = resize(c, t, axes.dims[i], lastHalf ? axes.sizes[i] / 2 + 1 : axes.sizes[i]);
        }
        boolean forward = kind == Kind.FFT || kind == Kind.RFFT || kind == Kind.HFFT;
        double scale = scale(norm, forward, Shapes.numel(axes.sizes));
        return switch (kind) {
            case FFT, IFFT -> complex(c, t, axes, axes.dims.length, forward, scale);
            case RFFT -> ofReal(c, t, axes, (int) axes.lastSize() / 2 + 1, scale);
            case IHFFT -> c.tensor("aten::conj_physical", ofReal(c, t, axes, (int) axes.lastSize() / 2 + 1, scale));
            case IRFFT -> toReal(c, t, axes, scale);
            case HFFT -> toReal(c, t.dtype().isComplex() ? c.tensor("aten::conj_physical", t) : t, axes, scale);
        };
    }

    static double scale(String norm, boolean forward, double n) {
        return switch (norm == null ? "backward" : norm) {
            case "backward" -> forward ? 1 : 1 / n;
            case "forward" -> forward ? 1 / n : 1;
            case "ortho" -> 1 / Math.sqrt(n);
            default -> throw new ScriptError("Invalid normalization mode: \"" + norm + "\"");
        };
    }

    private static Axes axes(Tensor t, long[] sizes, long[] dims) {
        long[] d = dims != null ? dims
            : sizes != null ? LongStream.range(-sizes.length, 0).toArray() : LongStream.range(0, t.dim()).toArray();
        if (sizes != null && sizes.length != d.length) {
            throw new ScriptError("When given, dim and shape arguments must have the same length, got " + d.length + " and " + sizes.length);
        }
        int[] where = new int[d.length];
        long[] n = new long[d.length];
        for (int i = 0; i < d.length; i++) {
            where[i] = Shapes.wrapDim(d[i], t.dim());
            for (int j = 0; j < i; j++) if (where[j] == where[i]) throw new ScriptError("FFT dims must be unique");
            n[i] = sizes == null || sizes[i] == -1 ? t.size(where[i]) : sizes[i];
        }
        return new Axes(where, n);
    }

    private static Tensor resize(CallContext c, Tensor t, int dim, long n) {
        long size = t.size(dim);
        if (size == n) return t;
        if (size > n) return Views.narrow(t, dim, 0, n);
        long[] pad = new long[2 * (t.dim() - dim)];
        pad[pad.length - 1] = n - size;
        return c.tensor("aten::constant_pad_nd", t, pad, 0L);
    }

    private static Tensor floating(CallContext c, Tensor t) {
        if (t.dtype() == ScalarType.FLOAT16 || t.dtype() == ScalarType.BFLOAT16) {
            throw new ScriptError("Unsupported dtype " + t.dtype().printName());
        }
        return t.dtype().isIntegral() ? c.tensor("aten::to.dtype", t, ScalarType.FLOAT32) : t;
    }

    private static Tensor complexType(CallContext c, Tensor t) {
        return t.dtype().isComplex() ? t : c.tensor("aten::to.dtype", t, t.dtype().toComplex());
    }

    /** Along the first {@code count} axes. */
    private static Tensor complex(CallContext c, Tensor t, Axes axes, int count, boolean forward, double scale) {
        Tensor out = t;
        for (int i = count - 1; i >= 0; i--) out = Spectrum.complex(c, out, axes.dims[i], forward, i == 0 ? scale : 1);
        return out;
    }

    private static Tensor ofReal(CallContext c, Tensor t, Axes axes, int count, double scale) {
        int others = axes.dims.length - 1;
        Tensor out = Spectrum.ofReal(c, t, axes.last(), count, others == 0 ? scale : 1);
        return complex(c, out, axes, others, true, scale);
    }

    private static Tensor toReal(CallContext c, Tensor t, Axes axes, double scale) {
        Tensor out = complex(c, t, axes, axes.dims.length - 1, false, 1);
        return Spectrum.toReal(c, out, axes.last(), (int) axes.lastSize(), scale);
    }

    private static Tensor frequencies(Args a, long count) {
        long n = a.int64(0);
        Tensor out = a.context().empty(a.dtypeOr(2, ScalarType.FLOAT32), count);
        double step = 1 / (n * a.float64(1));
        boolean both = count == n && n > 1;
        for (long i = 0; i < count; i++) {
            double f = (both && i >= (n + 1) / 2 ? i - n : i) * step;
            dev.cresset.tensor.Elements.setDouble(out.data(), out.dtype(), out.offset() + i, f);
        }
        return out;
    }

    private static Object shift(Args a, int roundUp) {
        Tensor t = a.tensor(0);
        Axes axes = axes(t, null, a.longs(1));
        long[] shifts = new long[axes.dims.length];
        long[] dims = new long[shifts.length];
        for (int i = 0; i < shifts.length; i++) {
            dims[i] = axes.dims[i];
            shifts[i] = (axes.sizes[i] + roundUp) / 2;
        }
        return a.context().call("aten::roll", t, shifts, dims);
    }
}
