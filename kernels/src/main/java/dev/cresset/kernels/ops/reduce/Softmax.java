package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cpu.math.FloatVectors;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;

/**
 * softmax(x) = exp(x - max) / Σ exp(x - max) along one dimension. Types up to float32 are computed in float over panels:
 * some neighbouring lines side by side, so that a dimension that is not the last is read along memory all the same.
 */
final class Softmax {
    private static final int PANEL = 64 << 10;

    private Softmax() {}

    /** @param out row-major, of the type to compute in */
    static void run(CallContext context, Tensor self, long dim, boolean log, Tensor out) {
        Lines lines = new Lines(self, dim);
        int n = lines.length();
        if (self.numel() == 0) return;
        if (out.dtype() == ScalarType.FLOAT64) {
            Work.split(context.threads(), lines.count(), n, (from, to) -> {
                double[] v = new double[n];
                for (long l = from; l < to; l++) doubles(self, out, lines, l, v, log);
            });
            return;
        }
        Tensor in = Dims.contiguous(context, self);
        long inner = lines.rowMajorStride();
        int width = (int) Math.min(inner, Math.clamp(PANEL / n, 16, 1024));
        long panels = (inner + width - 1) / width;
        long outer = lines.count() / inner;
        Work.split(context.threads(), outer * panels, (long) n * width, (from, to) -> {
            Panel p = new Panel(n, width, log);
            for (long i = from; i < to; i++) {
                long column = i % panels * width;
                long at = i / panels * n * inner + column;
                p.run(in, in.offset() + at, out, out.offset() + at, inner, (int) Math.min(width, inner - column));
            }
        });
    }

    private static void doubles(Tensor in, Tensor out, Lines lines, long line, double[] v, boolean log) {
        int n = v.length;
        Blocks.load(in, lines.at(in, line), lines.stride(in), v, n);
        double max = Double.NEGATIVE_INFINITY;
        for (double x : v) max = Math.max(max, x);
        double sum = 0;
        for (int i = 0; i < n; i++) {
            double e = Math.exp(v[i] - max);
            sum += e;
            v[i] = log ? v[i] - max : e;
        }
        double logSum = Math.log(sum);
        for (int i = 0; i < n; i++) v[i] = log ? v[i] - logSum : v[i] / sum;
        Blocks.store(v, out, lines.at(out, line), lines.stride(out), n);
    }

    /** n × width elements, a line in each column. */
    private static final class Panel {
        private final int n;
        private final boolean log;
        private final float[] v;
        private final float[] source;
        private final float[] max;
        private final double[] sum;

        Panel(int n, int width, boolean log) {
            this.n = n;
            this.log = log;
            v = new float[Math.ceilDiv(n * width, FloatVectors.LANES) * FloatVectors.LANES];
            source = log ? new float[n * width] : null;
            max = new float[width];
            sum = new double[width];
        }

        void run(Tensor in, long inAt, Tensor out, long outAt, long stride, int w) {
            if (stride == 1) Blocks.load(in, inAt, 1, v, n);
            else for (int r = 0; r < n; r++) Blocks.load(in, inAt + r * stride, 1, v, r * w, w);
            if (log) System.arraycopy(v, 0, source, 0, n * w);
            if (w == 1) line();
            else columns(w);
            if (stride == 1) Blocks.store(v, out, outAt, 1, n);
            else for (int r = 0; r < n; r++) Blocks.store(v, r * w, out, outAt + r * stride, 1, w);
        }

        private void line() {
            float m = largest(v, n);
            if (Float.isInfinite(m)) m = Float.NaN;   // infinity minus itself
            for (int i = 0; i < n; i++) v[i] -= m;
            FloatVectors.exp(v, v, n);
            double s = total(v, n);
            if (log) {
                float[] x = source;
                float logSum = (float) Math.log(s);
                for (int i = 0; i < n; i++) v[i] = x[i] - m - logSum;
            } else {
                float scale = (float) (1 / s);
                for (int i = 0; i < n; i++) v[i] *= scale;
            }
        }

        private static float largest(float[] v, int n) {
            float a = Float.NEGATIVE_INFINITY, b = a, c = a, d = a;
            int i = 0;
            for (; i + 4 <= n; i += 4) {
                a = Math.max(a, v[i]);
                b = Math.max(b, v[i + 1]);
                c = Math.max(c, v[i + 2]);
                d = Math.max(d, v[i + 3]);
            }
            for (; i < n; i++) a = Math.max(a, v[i]);
            return Math.max(Math.max(a, b), Math.max(c, d));
        }

        private static double total(float[] v, int n) {
            double a = 0, b = 0, c = 0, d = 0;
            int i = 0;
            for (; i + 4 <= n; i += 4) {
                a += v[i];
                b += v[i + 1];
                c += v[i + 2];
                d += v[i + 3];
            }
            for (; i < n; i++) a += v[i];
            return a + b + (c + d);
        }

        private void columns(int w) {
            Arrays.fill(max, 0, w, Float.NEGATIVE_INFINITY);
            for (int r = 0, at = 0; r < n; r++, at += w) for (int c = 0; c < w; c++) max[c] = Math.max(max[c], v[at + c]);
            for (int c = 0; c < w; c++) if (Float.isInfinite(max[c])) max[c] = Float.NaN;
            for (int r = 0, at = 0; r < n; r++, at += w) for (int c = 0; c < w; c++) v[at + c] -= max[c];
            FloatVectors.exp(v, v, n * w);
            Arrays.fill(sum, 0, w, 0);
            for (int r = 0, at = 0; r < n; r++, at += w) for (int c = 0; c < w; c++) sum[c] += v[at + c];
            if (log) {
                for (int c = 0; c < w; c++) sum[c] = Math.log(sum[c]);
                for (int r = 0, at = 0; r < n; r++, at += w) {
                    for (int c = 0; c < w; c++) v[at + c] = source[at + c] - max[c] - (float) sum[c];
                }
            } else {
                for (int c = 0; c < w; c++) max[c] = (float) (1 / sum[c]);
                for (int r = 0, at = 0; r < n; r++, at += w) for (int c = 0; c < w; c++) v[at + c] *= max[c];
            }
        }
    }
}
