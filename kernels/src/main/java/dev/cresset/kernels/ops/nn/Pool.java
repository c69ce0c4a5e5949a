package dev.cresset.kernels.ops.nn;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cpu.ChannelsLast;
import dev.cresset.kernels.cpu.Parallel;
import dev.cresset.kernels.cuda.code.ImageKernels;
import dev.cresset.kernels.cuda.ops.CudaPool;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * The loops of pooling. Source and result are [n, c, d, h, w] after {@link #five}; three windows say what each result
 * element covers.
 */
final class Pool {
    private final Window[] windows;
    private final double divisor;   // 0: each window's own count
    private final CallContext context;
    private final int threads;

    /** @param windows one for each spatial dimension, 1 to 3 */
    Pool(Window[] windows, double divisor, CallContext context) {
        this.context = context;
        this.threads = context.threads();
        Window unit = Window.adaptive(1, 1);
        this.windows = new Window[] {unit, unit, unit};
        System.arraycopy(windows, 0, this.windows, 3 - windows.length, windows.length);
        this.divisor = divisor;
    }

    /** The sizes of the result, in the rank of the source. */
    static long[] sizes(Tensor source, Window[] windows) {
        long[] out = source.sizes().clone();
        for (int d = 0; d < windows.length; d++) out[out.length - windows.length + d] = windows[d].size();
        return out;
    }

    /** As [n, c, d, h, w]: missing dimensions have size 1. */
    static Tensor five(Tensor t, int spatial) {
        Tensor out = t.dim() == spatial + 1 ? Views.unsqueeze(t, 0) : t;
        for (int d = spatial; d < 3; d++) out = Views.unsqueeze(out, 2);
        return out;
    }

    void average(Tensor from, Tensor to, int spatial) { run(from, to, spatial, false); }

    void maximum(Tensor from, Tensor to, int spatial) { run(from, to, spatial, true); }

    private void run(Tensor from, Tensor to, int spatial, boolean max) {
        if (to.numel() == 0) return;
        if (to.storage().isOnDevice()) {
            if (max) CudaPool.maximum(context, onDevice(), five(from, spatial), five(to, spatial), null);
            else CudaPool.average(context, onDevice(), windows[2].rule().countPadding(), divisor, five(from, spatial), five(to, spatial));
            return;
        }
        Tensor arranged = ChannelsLast.view(from);
        Tensor source = five(arranged != null ? arranged : from, spatial);
        Tensor target = five(arranged != null && ChannelsLast.suits(to) ? ChannelsLast.arrange(to) : to, spatial);
        boolean rows = source.dtype() == ScalarType.FLOAT32 && source.strides()[1] == 1 && target.strides()[1] == 1;
        if (rows) channelRows(source, target, max);
        else if (max) maximum(source, target, null);
        else planes(source, target);
    }

    private List<ImageKernels.Window> onDevice() {
        return Arrays.stream(windows).map(w -> {
            Window.Rule r = w.rule();
            return new ImageKernels.Window(r.size(), w.size(), r.kernel(), r.stride(), r.padding(), w.step(), r.kernel() == 0);
        }).toList();
    }

    // ---- channels last: all channels of a window at once

    private void channelRows(Tensor from, Tensor to, boolean max) {
        MemorySegment in = from.data(), out = to.data();
        long[] s = from.strides(), t = to.strides();
        int channels = (int) from.sizes()[1], depth = windows[0].size(), height = windows[1].size(), width = windows[2].size();
        long grain = Math.max(1, 20_000 / ((long) width * channels));
        Parallel.forRange(threads, from.sizes()[0] * depth * height, grain, (begin, end) -> {
            float[] row = new float[channels], value = new float[channels];
            for (long line = begin; line < end; line++) {
                int h = (int) (line % height), d = (int) (line / height % depth);
                long n = line / height / depth, base = from.offset() + n * s[0];
                for (int w = 0; w < width; w++) {
                    channelRow(in, base, s, d, h, w, max, row, value);
                    long at = 4 * (to.offset() + n * t[0] + d * t[2] + h * t[3] + w * t[4]);
                    MemorySegment.copy(value, 0, out, JAVA_FLOAT_UNALIGNED, at, channels);
                }
            }
        });
    }

    /** @param row,value room for the channels of one element */
    private void channelRow(MemorySegment in, long base, long[] s, int d, int h, int w, boolean max, float[] row, float[] value) {
        Arrays.fill(value, max ? Float.NEGATIVE_INFINITY : 0);
        for (int z = windows[0].start()[d]; z < windows[0].end()[d]; z += windows[0].step()) {
            for (int y = windows[1].start()[h]; y < windows[1].end()[h]; y += windows[1].step()) {
                for (int x = windows[2].start()[w]; x < windows[2].end()[w]; x += windows[2].step()) {
                    MemorySegment.copy(in, JAVA_FLOAT_UNALIGNED, 4 * (base + z * s[2] + y * s[3] + x * s[4]), row, 0, row.length);
                    if (max) maxInto(value, row);
                    else addInto(value, row);
                }
            }
        }
        if (!max) scale(value, 1 / (float) count(d, h, w));
    }

    // Plain loops over arrays: vectorised by the compiler, and not slow before it has done so.

    private static void maxInto(float[] value, float[] row) {
        for (int c = 0; c < value.length; c++) value[c] = Math.max(value[c], row[c]);
    }

    private static void addInto(float[] value, float[] row) {
        for (int c = 0; c < value.length; c++) value[c] += row[c];
    }

    private static void scale(float[] value, float by) {
        for (int c = 0; c < value.length; c++) value[c] *= by;
    }

    private double count(int d, int h, int w) {
        return divisor != 0 ? divisor : (double) windows[0].count()[d] * windows[1].count()[h] * windows[2].count()[w];
    }

    // ---- plane by plane, any type

    private void planes(Tensor from, Tensor to) {
        double[] in = Heap.doubles(from);
        double[] out = new double[(int) to.numel()];
        int plane = plane(from), outPlane = plane(to), planes = in.length / Math.max(1, plane);
        int height = (int) from.sizes()[3], width = (int) from.sizes()[4];
        Parallel.forRange(threads, planes, Math.max(1, 20_000 / plane), (begin, end) -> {
            for (int p = (int) begin; p < end; p++) averagePlane(in, p * plane, height, width, out, p * outPlane);
        });
        Heap.store(out, to);
    }

    private void averagePlane(double[] in, int from, int height, int width, double[] out, int at) {
        for (int d = 0; d < windows[0].size(); d++) {
            for (int h = 0; h < windows[1].size(); h++) {
                for (int w = 0; w < windows[2].size(); w++) out[at++] = sum(in, from, height, width, d, h, w) / count(d, h, w);
            }
        }
    }

    private double sum(double[] in, int base, int height, int width, int d, int h, int w) {
        double sum = 0;
        for (int z = windows[0].start()[d]; z < windows[0].end()[d]; z++) {
            for (int y = windows[1].start()[h]; y < windows[1].end()[h]; y++) {
                int row = base + (z * height + y) * width;
                for (int x = windows[2].start()[w]; x < windows[2].end()[w]; x++) sum += in[row + x];
            }
        }
        return sum;
    }

    /** @param indices int64 positions within the plane, or null */
    void maximum(Tensor from, Tensor to, Tensor indices, int spatial) {
        if (to.numel() == 0) return;
        if (to.storage().isOnDevice()) CudaPool.maximum(context, onDevice(), five(from, spatial), five(to, spatial), five(indices, spatial));
        else maximum(five(from, spatial), five(to, spatial), five(indices, spatial));
    }

    private void maximum(Tensor from, Tensor to, Tensor indices) {
        int plane = plane(from), outPlane = plane(to);
        int height = (int) from.sizes()[3], width = (int) from.sizes()[4];
        int n = (int) to.numel();
        double[] in = from.dtype().isFloating() ? Heap.doubles(from) : null;
        long[] integers = in == null ? Heap.longs(from) : null;
        long[] where = new long[n];
        Parallel.forRange(threads, n / outPlane, Math.max(1, 20_000 / plane), (begin, end) -> {
            for (int p = (int) begin; p < end; p++) maximumPlane(in, integers, p * plane, height, width, where, p * outPlane);
        });
        if (indices != null) Heap.store(where, indices);
        for (int i = 0; i < n; i++) where[i] += (long) (i / outPlane) * plane;
        if (in != null) Heap.store(gather(in, where), to);
        else Heap.store(gather(integers, where), to);
    }

    private void maximumPlane(double[] in, long[] integers, int from, int height, int width, long[] where, int at) {
        for (int d = 0; d < windows[0].size(); d++) {
            for (int h = 0; h < windows[1].size(); h++) {
                for (int w = 0; w < windows[2].size(); w++) {
                    where[at++] = in != null ? largest(in, from, height, width, d, h, w) : largest(integers, from, height, width, d, h, w);
                }
            }
        }
    }

    /** The last NaN, else the first of the largest. */
    private int largest(double[] in, int base, int height, int width, int d, int h, int w) {
        int best = (windows[0].start()[d] * height + windows[1].start()[h]) * width + windows[2].start()[w];
        double value = Double.NEGATIVE_INFINITY;
        for (int z = windows[0].start()[d]; z < windows[0].end()[d]; z += windows[0].step()) {
            for (int y = windows[1].start()[h]; y < windows[1].end()[h]; y += windows[1].step()) {
                for (int x = windows[2].start()[w]; x < windows[2].end()[w]; x += windows[2].step()) {
                    int i = (z * height + y) * width + x;
                    double v = in[base + i];
                    if (v > value || Double.isNaN(v)) {
                        value = v;
                        best = i;
                    }
                }
            }
        }
        return best;
    }

    private int largest(long[] in, int base, int height, int width, int d, int h, int w) {
        int best = (windows[0].start()[d] * height + windows[1].start()[h]) * width + windows[2].start()[w];
        for (int z = windows[0].start()[d]; z < windows[0].end()[d]; z += windows[0].step()) {
            for (int y = windows[1].start()[h]; y < windows[1].end()[h]; y += windows[1].step()) {
                for (int x = windows[2].start()[w]; x < windows[2].end()[w]; x += windows[2].step()) {
                    int i = (z * height + y) * width + x;
                    if (in[base + i] > in[base + best]) best = i;
                }
            }
        }
        return best;
    }

    private static double[] gather(double[] in, long[] where) {
        double[] out = new double[where.length];
        for (int i = 0; i < out.length; i++) out[i] = in[(int) where[i]];
        return out;
    }

    private static long[] gather(long[] in, long[] where) {
        long[] out = new long[where.length];
        for (int i = 0; i < out.length; i++) out[i] = in[(int) where[i]];
        return out;
    }

    private static int plane(Tensor t) {
        return (int) Shapes.numel(new long[] {t.sizes()[2], t.sizes()[3], t.sizes()[4]});
    }
}
