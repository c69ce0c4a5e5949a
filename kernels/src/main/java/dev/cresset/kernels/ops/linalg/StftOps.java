package dev.cresset.kernels.ops.linalg;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;

/** Short-time Fourier transforms: spectra of overlapping windows of a signal, and back. */
final class StftOps implements OpFamily {
    private static final double SMALLEST_WEIGHT = 1e-11;

    @Override public void declare(Catalog ops) {
        String head = "(Tensor self, int n_fft, int? hop_length=None, int? win_length=None, Tensor? window=None, ";
        String tail = "bool normalized=False, bool? onesided=None, bool? return_complex=None) -> Tensor";
        ops.op("aten::stft" + head + tail).composite(a -> stft(a, a.tensor(0), 5));
        ops.op("aten::stft.center" + head + "bool center=True, str pad_mode=\"reflect\", " + tail)
            .composite(a -> stft(a, a.bool(5) ? centered(a) : a.tensor(0), 7));
        ops.op("aten::istft" + head + "bool center=True, bool normalized=False, bool? onesided=None, int? length=None, "
            + "bool return_complex=False) -> Tensor").composite(StftOps::istft).onHost();
    }

    /** The numbers both directions share. */
    private record Frames(int size, int hop, Tensor window) {
        static Frames of(Args a) {
            long size = a.int64(1);
            long hop = a.int64Or(2, size / 4);
            long length = a.int64Or(3, size);
            if (hop <= 0) throw new ScriptError("stft: expected hop_length > 0, but got hop_length=" + hop);
            if (length <= 0 || length > size) {
                throw new ScriptError("stft: expected 0 < win_length <= n_fft, but got win_length=" + length);
            }
            Tensor window = a.tensorOrNull(4);
            if (window != null && (window.dim() != 1 || window.size(0) != length)) {
                throw new ScriptError("stft: expected a 1D window tensor of size equal to win_length=" + length
                    + ", but got window with size " + java.util.Arrays.toString(window.sizes()));
            }
            CallContext c = a.context();
            if (length < size) {
                Tensor w = window != null ? window
                    : c.tensor("aten::ones", new long[] {length}, a.tensor(0).dtype().toReal());
                long left = (size - length) / 2;
                window = c.tensor("aten::constant_pad_nd", w, new long[] {left, size - length - left}, 0L);
            }
            return new Frames(Math.toIntExact(size), Math.toIntExact(hop), window);
        }
    }

    private static Tensor centered(Args a) {
        CallContext c = a.context();
        Tensor t = a.tensor(0);
        if (t.dim() != 1 && t.dim() != 2) return t;
        long pad = a.int64(1) / 2;
        Tensor signal = t.dim() == 1 ? Views.unsqueeze(Views.unsqueeze(t, 0), 0) : Views.unsqueeze(t, 0);
        Tensor padded = c.tensor("aten::pad", signal, new long[] {pad, pad}, a.str(6));
        return Views.squeeze(t.dim() == 1 ? Views.squeeze(padded, 0) : padded, 0);
    }

    private static Object stft(Args a, Tensor input, int options) {
        CallContext c = a.context();
        if (input.dim() != 1 && input.dim() != 2) {
            throw new ScriptError("stft: expected a 1D or 2D tensor, but got " + input.dim() + "D");
        }
        Frames f = Frames.of(a);
        Tensor signal = input.dim() == 1 ? Views.unsqueeze(input, 0) : input;
        long length = signal.size(1);
        if (f.size <= 0 || f.size > length) throw new ScriptError("stft: expected 0 < n_fft < " + length + ", but got n_fft=" + f.size);
        long count = 1 + (length - f.size) / f.hop;
        long[] s = signal.strides();
        Tensor frames = signal.view(new long[] {signal.size(0), count, f.size}, new long[] {s[0], f.hop * s[1], s[1]});
        if (f.window != null) frames = c.tensor("aten::mul.Tensor", frames, f.window);
        boolean complex = frames.dtype().isComplex();
        boolean onesided = a.boolOr(options + 1, !complex);
        if (complex && onesided) throw new ScriptError("Cannot have onesided output if window or input is complex");
        double scale = a.bool(options) ? 1 / Math.sqrt(f.size) : 1;
        Tensor out = complex ? Spectrum.complex(c, frames, 2, true, scale)
            : Spectrum.ofReal(c, frames, 2, onesided ? f.size / 2 + 1 : f.size, scale);
        out = Views.transpose(out, 1, 2);
        if (input.dim() == 1) out = Views.squeeze(out, 0);
        return a.boolOr(options + 2, complex) ? out : Views.asReal(out);
    }

    private static Object istft(Args a) {
        CallContext c = a.context();
        Tensor t = a.tensor(0);
        if (!t.dtype().isComplex()) t = Views.asComplex(t.isContiguous() ? t : c.tensor("aten::contiguous", t));
        if (t.numel() == 0) throw new ScriptError("istft: input tensor cannot be empty.");
        if (t.dim() != 2 && t.dim() != 3) {
            throw new ScriptError("istft: expected a complex tensor with 2 or 3 dimensions, but got " + t.dim());
        }
        Frames f = Frames.of(a);
        boolean single = t.dim() == 2;
        Tensor spectra = Views.transpose(single ? Views.unsqueeze(t, 0) : t, 1, 2);
        long bins = spectra.size(2);
        boolean onesided = a.boolOr(7, bins != f.size);
        if (bins != (onesided ? f.size / 2 + 1 : f.size)) {
            throw new ScriptError("istft: expected the frequency dimension (3rd to the last) of the input tensor to match n_fft "
                + (onesided ? "/ 2 + 1 when onesided=True" : "when onesided=False") + ", but got " + bins);
        }
        double scale = a.bool(6) ? 1 / Math.sqrt(f.size) : 1.0 / f.size;
        if (a.bool(9) && onesided) throw new ScriptError("cannot have onesided input if return_complex=True");
        Tensor frames = a.bool(9) ? Spectrum.complex(c, spectra, 2, false, scale) : Spectrum.toReal(c, spectra, 2, f.size, scale);
        if (f.window != null) frames = c.tensor("aten::mul.Tensor", frames, f.window);
        Tensor out = joined(a, frames, f);
        return single ? Views.squeeze(out, 0) : out;
    }

    /** The frames added where they overlap, divided by the sum of the squared windows there. */
    private static Tensor joined(Args a, Tensor frames, Frames f) {
        CallContext c = a.context();
        long count = frames.size(1);
        long whole = f.size + f.hop * (count - 1);
        boolean center = a.bool(5);
        long start = center ? f.size / 2 : 0;
        long wanted = !a.isNone(8) ? start + a.int64(8) : center ? whole - f.size / 2 : whole;
        long end = Math.min(wanted, whole);
        Tensor sum = overlapped(c, frames, f.hop, whole);
        Tensor window = f.window == null ? c.tensor("aten::ones", new long[] {f.size}, frames.dtype().toReal()) : f.window;
        Tensor squares = c.tensor("aten::mul.Tensor", window, window);
        Tensor weights = overlapped(c, Views.expand(squares, 1, count, f.size), f.hop, whole);
        Tensor part = Views.slice(weights, 1, start, end, 1);
        Tensor least = c.tensor("aten::min", c.tensor("aten::abs", part));
        if (least.getDouble() < SMALLEST_WEIGHT) {
            throw new ScriptError("istft: window overlap add min: 1, the windows leave samples out; take a smaller hop_length");
        }
        Tensor out = c.tensor("aten::div.Tensor", Views.slice(sum, 1, start, end, 1), part);
        return wanted > whole ? c.tensor("aten::constant_pad_nd", out, new long[] {0, wanted - whole}, 0L) : out;
    }

    /** @param frames batch × frames × size */
    private static Tensor overlapped(CallContext c, Tensor frames, int hop, long length) {
        int size = (int) frames.size(2);
        int batch = (int) frames.size(0);
        Tensor out = c.zeros(frames.dtype(), Shapes.numel(new long[] {batch}), length);
        long[] batches = {batch};
        Batches.each(c, batches, b -> {
            Matrix m = Batches.read(frames, batches, b);
            Matrix sum = new Matrix(1, Math.toIntExact(length), m.isComplex());
            for (int k = 0; k < m.rows; k++) {
                for (int i = 0; i < size; i++) {
                    int at = k * hop + i;
                    sum.set(0, at, sum.re(0, at) + m.re(k, i), sum.im(0, at) + m.im(k, i));
                }
            }
            Batches.write(sum, out, b);
        });
        return out;
    }
}
