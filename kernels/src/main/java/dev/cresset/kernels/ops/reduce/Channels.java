package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cpu.ChannelsLast;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Meta;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;

/** y = x · scale[c] + shift[c] for the channels c, which are dimension 1. */
final class Channels {
    private static final int BLOCK = 4096;

    private Channels() {}

    /** The layout of the result: the input's if channels vary fastest or it is row-major, else row-major. */
    static Meta layout(Tensor t) { return channelsLast(t) ? Meta.like(t) : Meta.of(t.dtype(), t.sizes()); }

    private static boolean channelsLast(Tensor t) {
        return t.dim() >= 4 && t.dim() <= 5 && !t.isContiguous()
            && Shapes.sameLayout(t.sizes(), t.strides(), Shapes.channelsLastStrides(t.sizes()));
    }

    static void scale(CallContext c, Tensor self, Tensor out, double[] scale, double[] shift) {
        if (self.numel() == 0) return;
        Tensor arranged = ChannelsLast.view(self);
        if (arranged != null && ChannelsLast.suits(out)) {
            pixelRows(c, arranged, ChannelsLast.arrange(out), floats(scale), floats(shift));
            return;
        }
        boolean last = channelsLast(self);
        Tensor in = last ? self : Dims.contiguous(c, self);
        int channels = scale.length;
        long pixels = self.numel() / (self.sizes()[0] * channels);
        if (out.dtype() == ScalarType.FLOAT64) {
            doubles(in, out, scale, shift, last ? 1 : pixels);
        } else if (last || pixels == 1) {
            pixelRows(c, in, out, floats(scale), floats(shift));
        } else {
            planes(c, in, out, floats(scale), floats(shift), pixels);
        }
    }

    private static float[] floats(double[] v) {
        float[] out = new float[v.length];
        for (int i = 0; i < v.length; i++) out[i] = (float) v[i];
        return out;
    }

    private static void doubles(Tensor in, Tensor out, double[] scale, double[] shift, long span) {
        double[] v = new double[1];
        for (long i = 0, n = in.numel(); i < n; i++) {
            int ch = (int) (i / span % scale.length);
            Blocks.load(in, in.offset() + i, 1, v, 1);
            v[0] = v[0] * scale[ch] + shift[ch];
            Blocks.store(v, out, out.offset() + i, 1, 1);
        }
    }

    /** Row-major: each channel of each sample is one run. */
    private static void planes(CallContext c, Tensor in, Tensor out, float[] scale, float[] shift, long pixels) {
        Work.split(c.threads(), in.numel() / pixels, pixels, (from, to) -> {
            float[] v = new float[BLOCK];
            for (long p = from; p < to; p++) {
                float a = scale[(int) (p % scale.length)];
                float b = shift[(int) (p % scale.length)];
                for (long i = 0; i < pixels; i += BLOCK) {
                    int n = (int) Math.min(BLOCK, pixels - i);
                    Blocks.load(in, in.offset() + p * pixels + i, 1, v, n);
                    for (int k = 0; k < n; k++) v[k] = v[k] * a + b;
                    Blocks.store(v, out, out.offset() + p * pixels + i, 1, n);
                }
            }
        });
    }

    /** Channels vary fastest: as many whole pixels at once as fit. */
    private static void pixelRows(CallContext c, Tensor in, Tensor out, float[] scale, float[] shift) {
        int channels = scale.length;
        int together = Math.max(1, BLOCK / channels);
        long pixels = in.numel() / channels;
        long blocks = (pixels + together - 1) / together;
        Work.split(c.threads(), blocks, (long) together * channels, (from, to) -> {
            float[] v = new float[together * channels];
            for (long b = from; b < to; b++) {
                long at = b * together * channels;
                int n = (int) Math.min(together, pixels - b * together) * channels;
                Blocks.load(in, in.offset() + at, 1, v, n);
                for (int k = 0; k < n; k += channels) for (int ch = 0; ch < channels; ch++) v[k + ch] = v[k + ch] * scale[ch] + shift[ch];
                Blocks.store(v, out, out.offset() + at, 1, n);
            }
        });
    }
}
