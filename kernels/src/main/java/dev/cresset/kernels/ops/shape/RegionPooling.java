package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Args;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;

/**
 * Regions of images pooled to a fixed number of cells, on the host. Where cells have channels of their own
 * (position-sensitive pooling), cell k of channel c is made of input channel c · cells + k.
 */
final class RegionPooling {
    private RegionPooling() {}

    /** Averages of bilinear samples on a regular grid in each cell of each region. */
    static void align(Args a, boolean aligned, boolean own, Tensor out, Tensor places) {
        Tensor input = a.tensor(0);
        double[] pixels = input.toDoubleArray();
        double[] rois = a.tensor(1).toDoubleArray();
        int channels = (int) out.sizes()[1];
        int h = (int) input.sizes()[2];
        int w = (int) input.sizes()[3];
        int cells = a.int32(3) * a.int32(4);
        for (int r = 0; r < out.sizes()[0]; r++) {
            Samples samples = Samples.of(a, Arrays.copyOfRange(rois, 5 * r + 1, 5 * r + 5), aligned, own, h, w);
            int image = image(rois[5 * r], input);
            for (int c = 0; c < channels; c++) {
                for (int cell = 0; cell < cells; cell++) {
                    int channel = own ? c * cells + cell : c;
                    int plane = (int) ((image * input.sizes()[1] + channel) * h * w);
                    long at = ((long) r * channels + c) * cells + cell;
                    Elements.setDouble(out.data(), out.dtype(), at, samples.mean(pixels, plane, cell));
                    if (places != null) Elements.setLong(places.data(), ScalarType.INT32, at, channel);
                }
            }
        }
    }

    private static int image(double number, Tensor input) {
        if (number < 0 || number >= input.sizes()[0]) {
            throw new ScriptError("a region names image " + (long) number + " of a batch of " + input.sizes()[0]);
        }
        return (int) number;
    }

    /** The pixels that each cell of one region averages, with their weights; the same for every channel. */
    private record Samples(int perCell, int[] pixel, double[] weight, int divisor) {
        static Samples of(Args a, double[] box, boolean aligned, boolean own, int h, int w) {
            int rows = a.int32(3);
            int columns = a.int32(4);
            double scale = a.float64(2);
            double shift = aligned ? 0.5 : 0;
            double x = box[0] * scale - shift;
            double y = box[1] * scale - shift;
            double least = aligned ? Double.NEGATIVE_INFINITY : 1;
            double width = Math.max(box[2] * scale - shift - x, least);
            double height = Math.max(box[3] * scale - shift - y, least);
            int ny = a.int64(5) > 0 ? a.int32(5) : (int) Math.ceil(height / rows);
            int nx = a.int64(5) > 0 ? a.int32(5) : (int) Math.ceil(width / columns);
            int divisor = own ? ny * nx : Math.max(1, ny * nx);   // by 0 as torchvision does, where there is no point
            ny = Math.max(0, ny);
            nx = Math.max(0, nx);
            int perCell = 4 * ny * nx;
            Samples out =
                new Samples(perCell, new int[rows * columns * perCell], new double[rows * columns * perCell], divisor);
            int at = 0;
            for (int cell = 0; cell < rows * columns; cell++) {
                for (int s = 0; s < ny * nx; s++, at += 4) {
                    double py = y + height / rows * (cell / columns + (s / nx + 0.5) / ny);
                    double px = x + width / columns * (cell % columns + (s % nx + 0.5) / nx);
                    out.add(at, py, px, h, w);
                }
            }
            return out;
        }

        /** Four neighbours of a point; a point outside of the image counts as zero. */
        private void add(int at, double y, double x, int h, int w) {
            if (y < -1 || y > h || x < -1 || x > w) return;
            double cy = Math.clamp(y, 0, h - 1);
            double cx = Math.clamp(x, 0, w - 1);
            int y0 = (int) cy;
            int x0 = (int) cx;
            int y1 = Math.min(y0 + 1, h - 1);
            int x1 = Math.min(x0 + 1, w - 1);
            double fy = cy - y0;
            double fx = cx - x0;
            put(at, y0 * w + x0, (1 - fy) * (1 - fx));
            put(at + 1, y0 * w + x1, (1 - fy) * fx);
            put(at + 2, y1 * w + x0, fy * (1 - fx));
            put(at + 3, y1 * w + x1, fy * fx);
        }

        private void put(int at, int where, double w) {
            pixel[at] = where;
            weight[at] = w;
        }

        double mean(double[] pixels, int plane, int cell) {
            double sum = 0;
            for (int k = cell * perCell; k < (cell + 1) * perCell; k++) sum += weight[k] * pixels[plane + pixel[k]];
            return sum / divisor;
        }
    }

    /** Maxima over the whole pixels of each cell, and where they are; of cells with channels of their own the means, and which channel. */
    static void pool(Args a, boolean own, Tensor out, Tensor places) {
        Tensor input = a.tensor(0);
        double[] p = input.toDoubleArray();
        double[] rois = a.tensor(1).toDoubleArray();
        int rows = a.int32(3);
        int columns = a.int32(4);
        int h = (int) input.sizes()[2];
        int w = (int) input.sizes()[3];
        int more = own ? 0 : 1;
        long at = 0;
        for (int r = 0; r < out.sizes()[0]; r++) {
            int[] edge = new int[4];
            for (int k = 0; k < 4; k++) edge[k] = awayFromZero(rois[5 * r + 1 + k] * a.float64(2));
            double cellH = Math.max(edge[3] - edge[1] + more, 1) / (double) rows;
            double cellW = Math.max(edge[2] - edge[0] + more, 1) / (double) columns;
            for (long c = 0; c < out.sizes()[1]; c++) {
                for (int i = 0; i < rows; i++) {
                    int y0 = Math.clamp((int) Math.floor(i * cellH) + edge[1], 0, h - 1 + more);
                    int y1 = Math.clamp((int) Math.ceil((i + 1) * cellH) + edge[1], 0, h - 1 + more);
                    for (int j = 0; j < columns; j++, at++) {
                        int x0 = Math.clamp((int) Math.floor(j * cellW) + edge[0], 0, w - 1 + more);
                        int x1 = Math.clamp((int) Math.ceil((j + 1) * cellW) + edge[0], 0, w - 1 + more);
                        long channel = own ? (c * rows + i) * columns + j : c;
                        int plane = (int) ((image(rois[5 * r], input) * input.sizes()[1] + channel) * h * w);
                        double sum = 0;
                        int best = -1;
                        for (int y = y0; y < y1; y++) {
                            for (int x = x0; x < x1; x++) {
                                sum += p[plane + y * w + x];
                                if (best < 0 || p[plane + y * w + x] > p[plane + best]) best = y * w + x;
                            }
                        }
                        double value = best < 0 ? 0 : own ? sum / ((y1 - y0) * (x1 - x0)) : p[plane + best];
                        Elements.setDouble(out.data(), out.dtype(), at, value);
                        Elements.setLong(places.data(), ScalarType.INT32, at, own ? channel : best);
                    }
                }
            }
        }
    }

    /** Rounds as C's round: halves away from zero. */
    private static int awayFromZero(double x) { return (int) (Math.signum(x) * Math.floor(Math.abs(x) + 0.5)); }
}
