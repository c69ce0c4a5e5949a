package dev.cresset.kernels.ops.nn;

import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.code.ConvolutionKernels;
import dev.cresset.kernels.cuda.code.ConvolutionKernels.Axis;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.List;

/** torchvision's convolution whose windows' elements are moved by learned offsets and weighted by a learned mask. */
final class DeformableConvolution implements OpFamily {
    @Override public void declare(Catalog ops) {
        ops.op("torchvision::deform_conv2d(Tensor input, Tensor weight, Tensor offset, Tensor mask, Tensor bias, int stride_h, "
            + "int stride_w, int pad_h, int pad_w, int dilation_h, int dilation_w, int groups, int offset_groups, bool use_mask) -> Tensor")
            .kernel(DeformableConvolution::meta, DeformableConvolution::run).cuda(DeformableConvolution::onDevice);
    }

    private static Meta meta(Args a) {
        Tensor t = a.tensor(0), w = a.tensor(1);
        long height = (t.size(2) + 2 * a.int64(7) - a.int64(9) * (w.size(2) - 1) - 1) / a.int64(5) + 1;
        long width = (t.size(3) + 2 * a.int64(8) - a.int64(10) * (w.size(3) - 1) - 1) / a.int64(6) + 1;
        return Meta.of(t.dtype(), t.size(0), w.size(0), height, width);
    }

    private static void run(Args a, Tensor out) {
        Tensor t = a.tensor(0), w = a.tensor(1);
        int batch = (int) t.size(0), channels = (int) t.size(1), kernel = (int) (w.size(2) * w.size(3)), groups = a.int32(11);
        int pixels = (int) (out.size(2) * out.size(3)), outputs = (int) w.size(0), rows = channels * kernel / groups;
        double[] x = Heap.doubles(t), weight = Heap.doubles(w), bias = Heap.doubles(a.tensor(4)), y = new double[(int) out.numel()];
        double[] offset = Heap.doubles(a.tensor(2)), mask = a.bool(13) ? Heap.doubles(a.tensor(3)) : null;
        double[] columns = new double[channels * kernel * pixels];
        for (int n = 0; n < batch; n++) {
            for (int c = 0; c < channels; c++) fill(a, x, offset, mask, n, c, columns, pixels, kernel);
            for (int i = 0; i < outputs * pixels; i++) y[n * outputs * pixels + i] = bias[i / pixels];
            for (int g = 0; g < groups; g++) {
                int per = outputs / groups;
                Gemm.multiply(weight, g * per * rows, columns, g * rows * pixels, y, (n * outputs + g * per) * pixels, per, pixels, rows);
            }
        }
        Heap.store(y, out);
    }

    /** The moved elements as columns of matrices, one for each image and group, and a product with the weights. */
    private static void onDevice(Args a, Tensor out) {
        if (out.numel() == 0) return;
        CallContext c = a.context();
        Tensor x = c.tensor("aten::contiguous", a.tensor(0)), w = c.tensor("aten::contiguous", a.tensor(1));
        Tensor offset = c.tensor("aten::contiguous", a.tensor(2)), mask = a.bool(13) ? c.tensor("aten::contiguous", a.tensor(3)) : null;
        long batch = x.size(0), channels = x.size(1), places = w.size(2) * w.size(3), groups = a.int64(11);
        long height = out.size(2), width = out.size(3), pixels = height * width, rows = channels * places / groups;
        Tensor columns = c.empty(x.dtype(), batch, groups, rows, pixels);
        var axes = List.of(new Axis(x.size(2), w.size(2), a.int64(5), a.int64(7), a.int64(9)),
            new Axis(x.size(3), w.size(3), a.int64(6), a.int64(8), a.int64(10)));
        var arguments = new ConvolutionKernels.Deformed(x.address(), offset.address(), mask == null ? 0 : mask.address(), columns.address(),
            a.int64(12), new long[] {batch, channels, places, height, width}, axes);
        CudaCall.stream(c).launch(ConvolutionKernels.deformed(x.dtype()), arguments.slots(), columns.numel());
        Tensor product = c.tensor("aten::matmul", Views.view(w, 1, groups, w.size(0) / groups, rows), columns);
        Tensor shaped = Views.view(product, batch, w.size(0), height, width);
        Elementwise.copy(c, c.tensor("aten::add.Tensor", shaped, Views.view(a.tensor(4), w.size(0), 1, 1), 1L), out);
    }

    /** The moved elements of one channel, as rows of the columns matrix. */
    private static void fill(Args a, double[] x, double[] offset, double[] mask, int n, int c, double[] columns, int pixels, int kernel) {
        Tensor t = a.tensor(0);
        int channels = (int) t.size(1), height = (int) t.size(2), width = (int) t.size(3), kw = (int) a.tensor(1).size(3);
        int outWidth = (int) a.tensor(2).size(3), offsetGroups = a.int32(12), group = c / (channels / offsetGroups);
        int base = (n * channels + c) * height * width;
        for (int k = 0; k < kernel; k++) {
            int at = (n * offsetGroups + group) * kernel + k;
            for (int p = 0; p < pixels; p++) {
                double dy = offset[2 * at * pixels + p], dx = offset[(2 * at + 1) * pixels + p];
                double row = p / outWidth * a.int64(5) - a.int64(7) + k / kw * a.int64(9) + dy;
                double column = p % outWidth * a.int64(6) - a.int64(8) + k % kw * a.int64(10) + dx;
                double factor = mask == null ? 1 : mask[at * pixels + p];
                columns[(c * kernel + k) * pixels + p] = factor * between(x, base, height, width, row, column);
            }
        }
    }

    /** Linear between the four elements around a point; zero outside. */
    private static double between(double[] x, int base, int height, int width, double row, double column) {
        if (!(row > -1 && row < height && column > -1 && column < width)) return 0;
        int r = (int) Math.floor(row), c = (int) Math.floor(column);
        double v = row - r, h = column - c, sum = 0;
        if (r >= 0 && c >= 0) sum += (1 - v) * (1 - h) * x[base + r * width + c];
        if (r >= 0 && c + 1 < width) sum += (1 - v) * h * x[base + r * width + c + 1];
        if (r + 1 < height && c >= 0) sum += v * (1 - h) * x[base + (r + 1) * width + c];
        if (r + 1 < height && c + 1 < width) sum += v * h * x[base + (r + 1) * width + c + 1];
        return sum;
    }
}
