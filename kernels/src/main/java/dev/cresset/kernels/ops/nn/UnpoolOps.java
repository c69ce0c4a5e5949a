package dev.cresset.kernels.ops.nn;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.ops.CudaUnpool;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;

/** Putting pooled maxima back to their places, and pooling over windows at random places. */
final class UnpoolOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        ops.op("aten::max_unpool2d(Tensor self, Tensor indices, int[2] output_size) -> Tensor")
            .kernel(a -> unpooled(a, 2), UnpoolOps::unpool).cuda((a, out) -> CudaUnpool.unpool(a.context(), a.tensor(0), a.tensor(1), out, 2));
        ops.op("aten::max_unpool3d(Tensor self, Tensor indices, int[3] output_size, int[3] stride, int[3] padding) -> Tensor")
            .kernel(a -> unpooled(a, 3), UnpoolOps::unpool).cuda((a, out) -> CudaUnpool.unpool(a.context(), a.tensor(0), a.tensor(1), out, 3));
        for (int d = 2; d <= 3; d++) {
            int rank = d;
            String n = "int[" + d + "] ";
            ops.op("aten::fractional_max_pool" + d + "d(Tensor self, " + n + "kernel_size, " + n + "output_size, Tensor random_samples)"
                + " -> (Tensor, Tensor)").kernels(a -> fractionalMeta(a, rank), (a, out) -> fractional(a, out, rank))
                .cudas((a, out) -> CudaUnpool.fractional(a.context(), a.tensor(0), a.tensor(3), a.longs(1, rank), out[0], out[1]));
        }
    }

    private static Meta unpooled(Args a, int d) {
        Tensor t = a.tensor(0);
        if (!Arrays.equals(t.sizes(), a.tensor(1).sizes())) {
            throw new ScriptError("Expected shape of indices to be same as that of the input tensor (" + Arrays.toString(t.sizes())
                + ") but got indices tensor with shape: " + Arrays.toString(a.tensor(1).sizes()));
        }
        return Meta.of(t.dtype(), replaced(t, a.longs(2, d)));
    }

    private static long[] replaced(Tensor t, long[] spatial) {
        long[] sizes = t.sizes().clone();
        System.arraycopy(spatial, 0, sizes, sizes.length - spatial.length, spatial.length);
        return sizes;
    }

    private static void unpool(Args a, Tensor out) {
        int spatial = a.longs(2).length;
        double[] v = Heap.doubles(a.tensor(0)), result = new double[(int) out.numel()];
        long[] where = Heap.longs(a.tensor(1));
        int plane = plane(out, spatial), from = plane(a.tensor(0), spatial);
        for (int i = 0; i < v.length; i++) {
            if (where[i] < 0 || where[i] >= plane) {
                throw new ScriptError("Found an invalid max index: " + where[i] + " (output volumes are of size " + plane + ")");
            }
            result[i / from * plane + (int) where[i]] = v[i];
        }
        Heap.store(result, out);
    }

    private static int plane(Tensor t, int spatial) {
        long n = 1;
        for (int d = t.dim() - spatial; d < t.dim(); d++) n *= t.sizes()[d];
        return (int) n;
    }

    // ---- windows at random places

    private static Meta[] fractionalMeta(Args a, int d) {
        long[] sizes = replaced(a.tensor(0), a.longs(2, d));
        return new Meta[] {Meta.of(a.tensor(0).dtype(), sizes), Meta.of(ScalarType.INT64, sizes)};
    }

    private static void fractional(Args a, Tensor[] out, int d) {
        Tensor t = a.tensor(0);
        long[] kernel = a.longs(1, d), size = a.longs(2, d);
        double[] in = Heap.doubles(t), samples = Heap.doubles(a.tensor(3)), values = new double[(int) out[0].numel()];
        long[] where = new long[values.length];
        int plane = plane(t, d), outPlane = plane(out[0], d), channels = (int) t.size(-d - 1);
        for (int p = 0; p < in.length / plane; p++) {
            int[][] starts = new int[d][];
            for (int k = 0; k < d; k++) {
                // the samples are of width, height, then depth
                double sample = samples[p * d + d - 1 - k];
                starts[k] = starts(sample, (int) t.size(k - d), (int) size[k], (int) kernel[k]);
            }
            for (int o = 0; o < outPlane; o++) {
                int best = largest(in, p * plane, t, starts, kernel, size, o);
                where[p * outPlane + o] = best;
                values[p * outPlane + o] = in[p * plane + best];
            }
        }
        Heap.store(values, out[0]);
        Heap.store(where, out[1]);
    }

    /** Steps of nearly equal length from a random phase; the last window ends with the source. */
    private static int[] starts(double sample, int in, int out, int kernel) {
        int[] starts = new int[out];
        if (out > 1) {
            float alpha = (float) (in - kernel) / (out - 1);
            for (int i = 0; i < out - 1; i++) starts[i] = (int) ((i + (float) sample) * alpha) - (int) ((float) sample * alpha);
        }
        starts[out - 1] = in - kernel;
        return starts;
    }

    private static int largest(double[] in, int base, Tensor t, int[][] starts, long[] kernel, long[] size, int o) {
        int d = kernel.length, windows = 1, best = -1;
        int[] from = new int[d];
        for (int k = d - 1; k >= 0; k--) {
            from[k] = starts[k][o % (int) size[k]];
            o /= (int) size[k];
            windows *= (int) kernel[k];
        }
        for (int w = 0; w < windows; w++) {
            int rest = w, at = 0, step = 1;
            for (int k = d - 1; k >= 0; k--) {
                at += (from[k] + rest % (int) kernel[k]) * step;
                rest /= (int) kernel[k];
                step *= (int) t.size(k - d);
            }
            if (best < 0 || in[base + at] > in[base + best] || Double.isNaN(in[base + at])) best = at;
        }
        return best;
    }
}
