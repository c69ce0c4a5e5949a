package dev.cresset.kernels.ops.nn;

import dev.cresset.tensor.Tensor;
import java.util.Arrays;

/** Convolutions of any number type in Java: windows as columns of a matrix, and a matrix product. */
final class ConvolutionLoops {
    private ConvolutionLoops() {}

    static void run(ConvolutionCall call, Tensor out) {
        if (out.dtype().isFloating()) floating(call, out);
        else integers(call, out);
    }

    /** Where the windows touch the larger (source, or result if transposed) image: position or -1, by [kernel place][window]. */
    private static int[][] places(ConvolutionCall c, long[] image, long[] windows) {
        int s = c.spatial();
        int kernel = 1, count = 1;
        for (int d = 0; d < s; d++) {
            kernel *= (int) c.weight().size(d + 2);
            count *= (int) windows[d + 2];
        }
        int[][] out = new int[kernel][count];
        for (int k = 0; k < kernel; k++) {
            for (int w = 0; w < count; w++) out[k][w] = place(c, image, windows, k, w);
        }
        return out;
    }

    private static int place(ConvolutionCall c, long[] image, long[] windows, int kernel, int window) {
        long at = 0, step = 1;
        for (int d = c.spatial() - 1; d >= 0; d--) {
            long k = kernel % c.weight().size(d + 2), w = window % windows[d + 2];
            kernel /= (int) c.weight().size(d + 2);
            window /= (int) windows[d + 2];
            long x = w * c.stride()[d] - c.padLeft()[d] + k * c.dilation()[d];
            if (x < 0 || x >= image[d + 2]) return -1;
            at += x * step;
            step *= image[d + 2];
        }
        return (int) at;
    }

    private static void floating(ConvolutionCall c, Tensor out) {
        double[] x = Heap.doubles(c.input()), w = Heap.doubles(c.weight()), y = new double[(int) out.numel()];
        double[] bias = c.bias() == null ? null : Heap.doubles(c.bias());
        Geometry g = new Geometry(c, out);
        if (bias != null) for (int i = 0; i < y.length; i++) y[i] = bias[i / g.outPixels % g.outChannels];
        double[] transposed = c.transposed() ? g.transposedWeights(w) : null;
        double[] columns = new double[(c.transposed() ? g.groupOut : g.groupIn) * g.places.length * g.windows];
        for (int n = 0; n < g.batch; n++) {
            for (int group = 0; group < g.groups; group++) {
                int xAt = (n * g.inChannels + group * g.groupIn) * g.inPixels, yAt = (n * g.outChannels + group * g.groupOut) * g.outPixels;
                int rows = columns.length / g.windows;
                if (c.transposed()) {
                    Arrays.fill(columns, 0);
                    Gemm.multiply(transposed, group * rows * g.groupIn, x, xAt, columns, 0, rows, g.windows, g.groupIn);
                    for (int r = 0; r < rows; r++) {
                        int[] place = g.places[r % g.places.length];
                        int plane = yAt + r / g.places.length * g.outPixels;
                        for (int i = 0; i < g.windows; i++) if (place[i] >= 0) y[plane + place[i]] += columns[r * g.windows + i];
                    }
                } else {
                    for (int r = 0; r < rows; r++) {
                        int[] place = g.places[r % g.places.length];
                        int plane = xAt + r / g.places.length * g.inPixels;
                        for (int i = 0; i < g.windows; i++) columns[r * g.windows + i] = place[i] < 0 ? 0 : x[plane + place[i]];
                    }
                    Gemm.multiply(w, group * g.groupOut * rows, columns, 0, y, yAt, g.groupOut, g.windows, rows);
                }
            }
        }
        Heap.store(y, out);
    }

    private static void integers(ConvolutionCall c, Tensor out) {
        if (c.transposed()) {
            throw new dev.cresset.ir.diag.ScriptError("\"slow_conv_transpose2d_out_cpu\" not implemented for '"
                + out.dtype().printName() + "'");
        }
        long[] x = Heap.longs(c.input()), w = Heap.longs(c.weight()), y = new long[(int) out.numel()];
        long[] bias = c.bias() == null ? null : Heap.longs(c.bias());
        Geometry g = new Geometry(c, out);
        if (bias != null) for (int i = 0; i < y.length; i++) y[i] = bias[i / g.outPixels % g.outChannels];
        int rows = g.groupIn * g.places.length;
        long[] columns = new long[rows * g.windows];
        for (int n = 0; n < g.batch; n++) {
            for (int group = 0; group < g.groups; group++) {
                int xAt = (n * g.inChannels + group * g.groupIn) * g.inPixels, yAt = (n * g.outChannels + group * g.groupOut) * g.outPixels;
                for (int r = 0; r < rows; r++) {
                    int[] place = g.places[r % g.places.length];
                    int plane = xAt + r / g.places.length * g.inPixels;
                    for (int i = 0; i < g.windows; i++) columns[r * g.windows + i] = place[i] < 0 ? 0 : x[plane + place[i]];
                }
                Gemm.multiply(w, group * g.groupOut * rows, columns, 0, y, yAt, g.groupOut, g.windows, rows);
            }
        }
        Heap.store(y, out);
    }

    /** Sizes as ints, and where windows lie. */
    private static final class Geometry {
        final int batch, groups, inChannels, outChannels, groupIn, groupOut, inPixels, outPixels, windows;
        final int[][] places;

        Geometry(ConvolutionCall c, Tensor out) {
            batch = (int) out.size(0);
            groups = (int) c.groups();
            inChannels = (int) c.input().size(1);
            outChannels = (int) out.size(1);
            groupIn = inChannels / groups;
            groupOut = outChannels / groups;
            inPixels = (int) Convolve.pixels(c.input());
            outPixels = (int) Convolve.pixels(out);
            windows = c.transposed() ? inPixels : outPixels;
            places = c.transposed() ? ConvolutionLoops.places(c, out.sizes(), c.input().sizes())
                : ConvolutionLoops.places(c, c.input().sizes(), out.sizes());
        }

        /** [in, out, kernel] of each group as [out · kernel, in]. */
        double[] transposedWeights(double[] w) {
            int rows = groupOut * places.length;
            double[] t = new double[w.length];
            for (int g = 0; g < groups; g++) {
                for (int i = 0; i < groupIn; i++) {
                    for (int r = 0; r < rows; r++) t[(g * rows + r) * groupIn + i] = w[(g * groupIn + i) * rows + r];
                }
            }
            return t;
        }
    }
}
