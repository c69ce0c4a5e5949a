package dev.cresset.kernels.cuda.ops;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.cuda.code.DistanceKernels;
import dev.cresset.kernels.cuda.code.FamilyKernel;
import dev.cresset.kernels.cuda.code.RegionKernels;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;

/** Boxes and regions of images on a CUDA device: suppression of those that overlap, pooling to cells. */
public final class CudaRegions {
    private CudaRegions() {}

    /**
     * Regions of a batch of images.
     *
     * @param in      [images, channels, height, width]
     * @param corners [n, 5]: the number of the image, which is an error when the call ends if there is none such; x1, y1, x2, y2
     * @param own     each cell of a channel has an input channel of its own
     */
    public record Regions(Tensor in, Tensor corners, double scale, boolean aligned, boolean own) {}

    /** Means of bilinear samples. @param places takes the input channel of each cell, or null */
    public static void align(CallContext context, Regions r, long sampling, Tensor out, Tensor places) {
        launch(context, RegionKernels.align(out.dtype()), r, sampling, out, places);
    }

    /** Maxima of whole pixels and where they are; means and input channels where cells have channels of their own. */
    public static void pool(CallContext context, Regions r, Tensor out, Tensor places) {
        launch(context, RegionKernels.pool(out.dtype()), r, 0, out, places);
    }

    private static void launch(CallContext context, FamilyKernel kernel, Regions r, long sampling, Tensor out, Tensor places) {
        if (out.numel() == 0) return;
        Tensor in = context.tensor("aten::contiguous", r.in), corners = context.tensor("aten::contiguous", r.corners);
        CudaStream stream = CudaCall.stream(context);
        long error = stream.check((image, images) -> new ScriptError("a region names image " + image + " of a batch of " + images));
        var arguments = new RegionKernels.Arguments(in.address(), corners.address(), out.address(), places == null ? 0 : places.address(), error,
            in.sizes(), out.sizes(), sampling, r.aligned, r.own, r.scale);
        stream.launch(kernel, arguments.slots(), out.numel());
    }

    /** Greedy suppression of boxes that overlap better ones: int64 indices of those kept, by falling score. How many they are is read back. */
    public static Tensor suppress(CallContext context, Tensor boxes, Tensor scores, double threshold) {
        long n = boxes.sizes()[0], words = DistanceKernels.words(n);
        if (n == 0) return context.empty(ScalarType.INT64, 0);
        Tensor corners = context.tensor("aten::contiguous", boxes), order = context.empty(ScalarType.INT64, n);
        CudaLines.sort(context, context.tensor("aten::reshape", scores, new long[] {-1}), 0, true, null, order);
        Tensor masks = context.empty(ScalarType.INT64, n, words), gone = context.zeros(ScalarType.INT64, words);
        Tensor kept = context.empty(ScalarType.INT64, n), count = context.empty(ScalarType.INT64);
        long[] slots = new DistanceKernels.Boxes(corners.address(), order.address(), masks.address(), gone.address(), kept.address(), count.address(), n,
            threshold).slots();
        CudaStream stream = CudaCall.stream(context);
        stream.launch(DistanceKernels.overlaps(boxes.dtype()), slots, n * words);
        stream.launch(DistanceKernels.keep(), slots, 1);
        return context.tensor("aten::clone", Views.narrow(kept, 0, 0, (Long) count.item()));
    }
}
