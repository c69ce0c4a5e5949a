package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.ops.CudaRegions;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
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
    private static final String PAIR = ") -> (Tensor, Tensor)";

    @Override public void declare(Catalog ops) {
        ops.op("torchvision::nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor").composite(VisionOps::nms);
        ops.op("torchvision::roi_align" + ROI + ", int sampling_ratio, bool aligned) -> Tensor")
            .kernel(a -> pooled(a, false), (a, out) -> RegionPooling.align(a, a.bool(6), false, out, null))
            .cuda((a, out) -> CudaRegions.align(a.context(), regions(a, a.bool(6), false), a.int64(5), out, null));
        ops.op("torchvision::roi_pool" + ROI + PAIR).kernels(a -> withPlaces(pooled(a, false)), (a, out) -> RegionPooling.pool(a, false, out[0], out[1]))
            .cudas((a, out) -> CudaRegions.pool(a.context(), regions(a, false, false), out[0], out[1]));
        ops.op("torchvision::ps_roi_align" + ROI + ", int sampling_ratio" + PAIR)
            .kernels(a -> withPlaces(pooled(a, true)), (a, out) -> RegionPooling.align(a, true, true, out[0], out[1]))
            .cudas((a, out) -> CudaRegions.align(a.context(), regions(a, true, true), a.int64(5), out[0], out[1]));
        ops.op("torchvision::ps_roi_pool" + ROI + PAIR).kernels(a -> withPlaces(pooled(a, true)), (a, out) -> RegionPooling.pool(a, true, out[0], out[1]))
            .cudas((a, out) -> CudaRegions.pool(a.context(), regions(a, false, true), out[0], out[1]));
    }

    private static CudaRegions.Regions regions(Args a, boolean aligned, boolean own) {
        return new CudaRegions.Regions(a.tensor(0), a.tensor(1), a.float64(2), aligned, own);
    }

    private static Meta[] withPlaces(Meta pooled) { return new Meta[] {pooled, Meta.of(ScalarType.INT32, pooled.sizes())}; }

    /** @param own each cell of a result's channel has an input channel of its own */
    private static Meta pooled(Args a, boolean own) {
        Tensor rois = a.tensor(1);
        if (rois.dim() != 2 || rois.sizes()[1] != 5) {
            throw new ScriptError("rois must have shape as Tensor[K, 5], got " + Arrays.toString(rois.sizes()));
        }
        if (a.tensor(0).dtype() != rois.dtype()) {
            throw new ScriptError("Expected tensor for argument #1 'input' to have the same type as tensor for "
                + "argument #2 'rois'");
        }
        long channels = a.tensor(0).sizes()[1];
        long cells = a.int64(3) * a.int64(4);
        if (own && channels % cells != 0) throw new ScriptError("input channels must be a multiple of pooling height * pooling width");
        return Meta.of(a.tensor(0).dtype(), rois.sizes()[0], own ? channels / cells : channels, a.int64(3), a.int64(4));
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
        if (a.context().isOnDevice()) return CudaRegions.suppress(a.context(), boxes, a.tensor(1), a.float64(2));
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
}
