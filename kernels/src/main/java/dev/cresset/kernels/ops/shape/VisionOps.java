package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** torchvision's operators for object detection. Boxes are (x1, y1, x2, y2). */
final class VisionOps implements OpFamily {
    private static final String ROI =
        "(Tensor input, Tensor rois, float spatial_scale, int pooled_height, int pooled_width";

    @Override public void declare(Catalog ops) {
        ops.op("torchvision::nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor").composite(VisionOps::nms).throughHost();
        ops.op("torchvision::roi_align" + ROI + ", int sampling_ratio, bool aligned) -> Tensor")
            .kernel(VisionOps::pooledMeta, VisionOps::align).throughHost();
        ops.op("torchvision::roi_pool" + ROI + ") -> (Tensor, Tensor)").kernels(
            a -> new Meta[] {pooledMeta(a), Meta.of(ScalarType.INT32, pooledMeta(a).sizes())}, (a, out) ->
                pool(a, out[0], out[1])).throughHost();
    }

    /** Greedy non-maximum suppression: the indices kept, by falling score. */
    private static Object nms(Args a) {
        Tensor boxes = a.tensor(0);
        if (boxes.dim() != 2 || boxes.sizes()[1] != 4) {
            throw new ScriptError("boxes should have 4 elements in dimension 1, got " + Arrays.toString(boxes.sizes()));
        }
        int n = (int) boxes.sizes()[0];
        if (a.tensor(1).numel() != n) {
            throw new ScriptError("boxes and scores should have same number of elements in dimension 0, got " + n
                + " and "
                + a.tensor(1).numel());
        }
        double[] b = boxes.toDoubleArray();
        double[] scores = a.tensor(1).toDoubleArray();
        Integer[] order = IntStream.range(0, n).boxed().toArray(Integer[]::new);
        Arrays.sort(order, Comparator.comparingDouble(i -> -scores[i]));
        boolean single = boxes.dtype() != ScalarType.FLOAT64;
        boolean[] gone = new boolean[n];
        long[] kept = new long[n];
        int count = 0;
        for (int i = 0; i < n; i++) {
            if (gone[order[i]]) continue;
            kept[count++] = order[i];
            for (int j = i + 1; j < n; j++) {
                if (!gone[order[j]] && overlap(b, 4 * order[i], 4 * order[j], single) > a.float64(2)) {
                    gone[order[j]] = true;
                }
            }
        }
        Tensor out = a.context().empty(ScalarType.INT64, count);
        MemorySegment.copy(kept, 0, out.data(), ValueLayout.JAVA_LONG_UNALIGNED, 0, count);
        return out;
    }

    /** Intersection over union, in the precision of the boxes, since the threshold is often hit exactly. */
    private static double overlap(double[] b, int i, int j, boolean single) {
        double w = Math.max(0, Math.min(b[i + 2], b[j + 2]) - Math.max(b[i], b[j]));
        double h = Math.max(0, Math.min(b[i + 3], b[j + 3]) - Math.max(b[i + 1], b[j + 1]));
        double area = (b[i + 2] - b[i]) * (b[i + 3] - b[i + 1]);
        double other = (b[j + 2] - b[j]) * (b[j + 3] - b[j + 1]);
        if (!single) return w * h / (area + other - w * h);
        float inter = (float) w * (float) h;
        float areaI = (float) (b[i + 2] - b[i]) * (float) (b[i + 3] - b[i + 1]);
        float areaJ = (float) (b[j + 2] - b[j]) * (float) (b[j + 3] - b[j + 1]);
        return inter / (areaI + areaJ - inter);
    }

    private static Meta pooledMeta(Args a) {
        Tensor rois = a.tensor(1);
        if (rois.dim() != 2 || rois.sizes()[1] != 5) {
            throw new ScriptError("rois must have shape as Tensor[K, 5], got " + Arrays.toString(rois.sizes()));
        }
        if (a.tensor(0).dtype() != rois.dtype()) {
            throw new ScriptError("Expected tensor for argument #1 'input' to have the same type as tensor for "
                + "argument #2 'rois'");
        }
        return Meta.of(a.tensor(0).dtype(), rois.sizes()[0], a.tensor(0).sizes()[1], a.int64(3), a.int64(4));
    }

    /** Averages of bilinear samples on a regular grid in each cell of each region. */
    private static void align(Args a, Tensor out) {
        Tensor input = a.tensor(0);
        double[] pixels = input.toDoubleArray();
        double[] rois = a.tensor(1).toDoubleArray();
        int channels = (int) input.sizes()[1];
        int h = (int) input.sizes()[2];
        int w = (int) input.sizes()[3];
        int cells = a.int32(3) * a.int32(4);
        for (int r = 0; r < out.sizes()[0]; r++) {
            Samples samples = Samples.of(a, Arrays.copyOfRange(rois, 5 * r + 1, 5 * r + 5), h, w);
            int image = image(rois[5 * r], input);
            for (int c = 0; c < channels; c++) {
                int plane = (image * channels + c) * h * w;
                for (int cell = 0; cell < cells; cell++) {
                    Elements.setDouble(out.data(), out.dtype(), ((long) r * channels + c) * cells + cell,
                        samples.mean(pixels, plane, cell));
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
        static Samples of(Args a, double[] box, int h, int w) {
            int rows = a.int32(3);
            int columns = a.int32(4);
            double scale = a.float64(2);
            double shift = a.bool(6) ? 0.5 : 0;
            double x = box[0] * scale - shift;
            double y = box[1] * scale - shift;
            double least = a.bool(6) ? Double.NEGATIVE_INFINITY : 1;
            double width = Math.max(box[2] * scale - shift - x, least);
            double height = Math.max(box[3] * scale - shift - y, least);
            int ny = Math.max(0, a.int64(5) > 0 ? a.int32(5) : (int) Math.ceil(height / rows));
            int nx = Math.max(0, a.int64(5) > 0 ? a.int32(5) : (int) Math.ceil(width / columns));
            int perCell = 4 * ny * nx;
            Samples out =
                new Samples(perCell, new int[rows * columns * perCell], new double[rows * columns * perCell],
                    Math.max(1, ny * nx));
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

    /** Maxima over the whole pixels of each cell, and where they are. */
    private static void pool(Args a, Tensor out, Tensor places) {
        Tensor input = a.tensor(0);
        double[] p = input.toDoubleArray();
        double[] rois = a.tensor(1).toDoubleArray();
        int rows = a.int32(3);
        int columns = a.int32(4);
        int h = (int) input.sizes()[2];
        int w = (int) input.sizes()[3];
        long at = 0;
        for (int r = 0; r < out.sizes()[0]; r++) {
            int[] edge = new int[4];
            for (int k = 0; k < 4; k++) edge[k] = awayFromZero(rois[5 * r + 1 + k] * a.float64(2));
            double cellH = Math.max(edge[3] - edge[1] + 1, 1) / (double) rows;
            double cellW = Math.max(edge[2] - edge[0] + 1, 1) / (double) columns;
            for (long c = 0; c < out.sizes()[1]; c++) {
                int plane = (int) (((long) image(rois[5 * r], input) * input.sizes()[1] + c) * h * w);
                for (int i = 0; i < rows; i++) {
                    int y0 = Math.clamp((int) Math.floor(i * cellH) + edge[1], 0, h);
                    int y1 = Math.clamp((int) Math.ceil((i + 1) * cellH) + edge[1], 0, h);
                    for (int j = 0; j < columns; j++, at++) {
                        int x0 = Math.clamp((int) Math.floor(j * cellW) + edge[0], 0, w);
                        int x1 = Math.clamp((int) Math.ceil((j + 1) * cellW) + edge[0], 0, w);
                        int best = -1;
                        for (int y = y0; y < y1; y++) {
                            for (int x = x0; x < x1; x++) {
                                if (best < 0 || p[plane + y * w + x] > p[plane + best]) best = y * w + x;
                            }
                        }
                        Elements.setDouble(out.data(), out.dtype(), at, best < 0 ? 0 : p[plane + best]);
                        Elements.setLong(places.data(), ScalarType.INT32, at, best);
                    }
                }
            }
        }
    }

    /** Rounds as C's round: halves away from zero. */
    private static int awayFromZero(double x) { return (int) (Math.signum(x) * Math.floor(Math.abs(x) + 0.5)); }
}
