package dev.cresset.kernels.ops.nn;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cpu.ChannelsLast;
import dev.cresset.kernels.cpu.Parallel;
import dev.cresset.tensor.Tensor;

/** Resamples dimension by dimension: each pass maps [outer, size, inner] blocks along the middle one. */
final class Resample {
    private Resample() {}

    /** @param taps one for each spatial dimension of the source, which is [n, c, …] */
    static void run(int threads, Tensor from, Tensor to, Taps[] taps) {
        if (to.numel() == 0) return;
        Tensor arranged = ChannelsLast.view(from);
        Tensor source = arranged != null ? arranged : from;
        Tensor target = arranged != null && ChannelsLast.suits(to) ? ChannelsLast.arrange(to) : to;
        boolean last = arranged != null && target != to || ConvolutionCall.isChannelsLast(to);
        if (last) {
            source = ChannelsLast.channelsMoved(source);
            target = ChannelsLast.channelsMoved(target);
        }
        int first = last ? 1 : 2;
        boolean wide = from.dtype() != ScalarType.FLOAT32;
        if (wide) doubles(source, target, taps, first);
        else floats(threads, source, target, taps, first);
    }

    private static int product(long[] v, int from, int to) {
        long n = 1;
        for (int d = from; d < to; d++) n *= v[d];
        return Math.toIntExact(n);
    }

    private static void floats(int threads, Tensor source, Tensor target, Taps[] taps, int first) {
        float[] data = Heap.floats(source);
        long[] sizes = source.sizes().clone();
        for (int d = taps.length - 1; d >= 0; d--) {
            if (taps[d].isIdentity(sizes[first + d])) continue;
            int size = (int) sizes[first + d], out = taps[d].size();
            int outer = product(sizes, 0, first + d), inner = product(sizes, first + d + 1, sizes.length);
            float[] result = new float[Math.multiplyExact(Math.multiplyExact(outer, out), inner)];
            float[] in = data;
            Taps t = taps[d];
            Parallel.forRange(threads, (long) outer * out, Math.max(1, 20_000 / inner), (begin, end) -> {
                for (long row = begin; row < end; row++) {
                    int o = (int) (row % out), base = (int) (row / out) * size;
                    line(in, base, inner, t.at()[o], t.weight()[o], result, (int) row * inner);
                }
            });
            data = result;
            sizes[first + d] = out;
        }
        Heap.store(data, target);
    }

    private static void line(float[] in, int base, int inner, int[] at, double[] weight, float[] out, int to) {
        if (at.length == 1) {
            System.arraycopy(in, (base + at[0]) * inner, out, to, inner);
            return;
        }
        for (int k = 0; k < at.length; k++) {
            float w = (float) weight[k];
            int from = (base + at[k]) * inner;
            for (int i = 0; i < inner; i++) out[to + i] += w * in[from + i];
        }
    }

    private static void doubles(Tensor source, Tensor target, Taps[] taps, int first) {
        double[] data = Heap.doubles(source);
        long[] sizes = source.sizes().clone();
        for (int d = taps.length - 1; d >= 0; d--) {
            int size = (int) sizes[first + d], out = taps[d].size();
            int outer = product(sizes, 0, first + d), inner = product(sizes, first + d + 1, sizes.length);
            double[] result = new double[Math.multiplyExact(Math.multiplyExact(outer, out), inner)];
            for (int row = 0; row < outer * out; row++) {
                int[] at = taps[d].at()[row % out];
                for (int k = 0; k < at.length; k++) {
                    double w = taps[d].weight()[row % out][k];
                    int from = (row / out * size + at[k]) * inner;
                    for (int i = 0; i < inner; i++) result[row * inner + i] += w * data[from + i];
                }
            }
            data = result;
            sizes[first + d] = out;
        }
        if (target.dtype().isIntegral()) for (int i = 0; i < data.length; i++) data[i] = Math.rint(data[i]);
        Heap.store(data, target);
    }
}
