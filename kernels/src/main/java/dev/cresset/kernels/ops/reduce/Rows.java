package dev.cresset.kernels.ops.reduce;

import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;

/** Normalising rows of a row-major tensor to mean 0 and variance 1, then scaling and shifting them. */
final class Rows {
    private Rows() {}

    /** The elements of a small tensor as floats or doubles, or null for None. */
    static double[] elements(Tensor t) { return t == null ? null : t.toDoubleArray(); }

    /**
     * Each row r of {@code length} elements: y = (x - mean) / √(variance + eps) · weight + bias, where weight and bias
     * have one element for {@code span} neighbours of a row and are those of the channels from (r · channels) on, modulo
     * their number.
     *
     * @param channels elements of weight and bias per row
     * @param mean     takes the rows' means, or null; likewise {@code rstd} their 1 / √(variance + eps)
     */
    static void normalize(CallContext c, Tensor in, Tensor out, long rows, int length, int channels, double[] weight, double[] bias,
        double eps, Tensor mean, Tensor rstd) {
        int all = weight != null ? weight.length : bias != null ? bias.length : channels;
        int span = channels == 0 ? 1 : Math.max(1, length / channels);
        Work.split(c.threads(), rows, length, (from, to) -> {
            VarianceFold moments = new VarianceFold((s, n) -> s);
            double[] v = new double[Blocks.SIZE];
            for (long r = from; r < to; r++) {
                moments.reset(1);
                long at = in.offset() + r * length;
                for (int i = 0; i < length; i += Blocks.SIZE) moments.row(in, at + i, 1, Math.min(Blocks.SIZE, length - i));
                double m = moments.mean();
                double scale = 1 / Math.sqrt(moments.variance() + eps);
                int channel = (int) (r * channels % all);
                if (span == 1) whole(in, at, out, out.offset() + r * length, length, v, m, scale, weight, bias, channel);
                else spans(in, at, out, out.offset() + r * length, length, span, v, m, scale, weight, bias, channel);
                if (mean != null) dev.cresset.tensor.Elements.setDouble(mean.data(), mean.dtype(), mean.offset() + r, m);
                if (rstd != null) dev.cresset.tensor.Elements.setDouble(rstd.data(), rstd.dtype(), rstd.offset() + r, scale);
            }
        });
    }

    private static void whole(Tensor in, long at, Tensor out, long outAt, int length, double[] v, double mean, double scale,
        double[] weight, double[] bias, int channel) {
        for (int i = 0; i < length; i += Blocks.SIZE) {
            int n = Math.min(Blocks.SIZE, length - i);
            Blocks.load(in, at + i, 1, v, n);
            for (int k = 0; k < n; k++) v[k] = (v[k] - mean) * scale;
            if (weight != null) for (int k = 0; k < n; k++) v[k] *= weight[channel + i + k];
            if (bias != null) for (int k = 0; k < n; k++) v[k] += bias[channel + i + k];
            Blocks.store(v, out, outAt + i, 1, n);
        }
    }

    private static void spans(Tensor in, long at, Tensor out, long outAt, int length, int span, double[] v, double mean, double scale,
        double[] weight, double[] bias, int channel) {
        for (int start = 0, c = channel; start < length; start += span, c++) {
            double factor = weight == null ? scale : scale * weight[c];
            double shift = (bias == null ? 0 : bias[c]) - mean * factor;
            for (int i = start; i < start + span; i += Blocks.SIZE) {
                int n = Math.min(Blocks.SIZE, start + span - i);
                Blocks.load(in, at + i, 1, v, n);
                for (int k = 0; k < n; k++) v[k] = v[k] * factor + shift;
                Blocks.store(v, out, outAt + i, 1, n);
            }
        }
    }
}
