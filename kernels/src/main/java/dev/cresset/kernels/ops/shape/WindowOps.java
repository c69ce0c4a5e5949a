package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;

/** Sliding windows of images as columns, and columns summed back to images. */
final class WindowOps {
    private final long[] kernel;
    private final long[] dilation;
    private final long[] padding;
    private final long[] stride;
    private final long[] count = new long[2];   // windows vertically and horizontally

    private WindowOps(Args a, int first, long height, long width) {
        kernel = a.longs(first, 2);
        dilation = a.longs(first + 1, 2);
        padding = a.longs(first + 2, 2);
        stride = a.longs(first + 3, 2);
        long[] size = {height, width};
        for (int i = 0; i < 2; i++) {
            if (kernel[i] <= 0 || dilation[i] <= 0 || stride[i] <= 0 || padding[i] < 0) {
                throw new ScriptError("kernel size, dilation and stride should be greater than zero and padding "
                    + "not negative, but got "
                    + Arrays.toString(kernel) + ", " + Arrays.toString(dilation) + ", " + Arrays.toString(stride) + ", "
                    + Arrays.toString(padding));
            }
            count[i] = Math.floorDiv(size[i] + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1, stride[i]) + 1;
            if (count[i] < 1) {
                throw new ScriptError("Given input with spatial size (" + height + ", " + width + "), kernel_size="
                    + Arrays.toString(kernel)
                    + ", dilation=" + Arrays.toString(dilation) + ", padding=" + Arrays.toString(padding)
                    + ", the calculated number of sliding windows is not positive");
            }
        }
    }

    /** A padded image as if each window were a column: N × C × kernel × kernel × windows × windows. */
    private Tensor windows(Tensor padded) {
        long[] s = padded.strides();
        return padded.view(new long[] {padded.sizes()[0], padded.sizes()[1], kernel[0], kernel[1], count[0], count[1]},
            new long[] {s[0], s[1], dilation[0] * s[2], dilation[1] * s[3], stride[0] * s[2], stride[1] * s[3]});
    }

    static Object im2col(Args a) {
        Tensor t = a.tensor(0);
        if (t.dim() != 3 && t.dim() != 4) {
            throw new ScriptError("Expected 3D or 4D (batch mode) tensor for input, but got: "
                + Arrays.toString(t.sizes()));
        }
        Tensor image = t.dim() == 3 ? Views.unsqueeze(t, 0) : t;
        WindowOps w = new WindowOps(a, 1, image.sizes()[2], image.sizes()[3]);
        CallContext c = a.context();
        long[] p = w.padding;
        Tensor padded = p[0] == 0 && p[1] == 0 ? image
            : c.tensor("aten::constant_pad_nd", image, new long[] {p[1], p[1], p[0], p[0]}, 0L);
        Tensor windows = w.windows(padded);
        Tensor columns = ViewOps.copy(c, windows);
        Tensor out = Views.view(columns, image.sizes()[0], image.sizes()[1] * w.kernel[0] * w.kernel[1],
            w.count[0] * w.count[1]);
        return t.dim() == 3 ? Views.squeeze(out, 0) : out;
    }

    static Object col2im(Args a) {
        Tensor t = a.tensor(0);
        if (t.dim() != 2 && t.dim() != 3) {
            throw new ScriptError("Expected 2D or 3D (batch mode) tensor for input, but got: "
                + Arrays.toString(t.sizes()));
        }
        Tensor columns = t.dim() == 2 ? Views.unsqueeze(t, 0) : t;
        long[] size = a.longs(1, 2);
        WindowOps w = new WindowOps(a, 2, size[0], size[1]);
        long n = columns.sizes()[0];
        long block = w.kernel[0] * w.kernel[1];
        if (columns.sizes()[1] % block != 0 || columns.sizes()[2] != w.count[0] * w.count[1]) {
            throw new ScriptError("Expected input of " + block + " × channels rows and " + w.count[0] + " * "
                + w.count[1]
                + " columns for output_size=" + Arrays.toString(size) + ", but got " + Arrays.toString(t.sizes()));
        }
        long channels = columns.sizes()[1] / block;
        CallContext c = a.context();
        Tensor padded = c.zeros(t.dtype(), n, channels, size[0] + 2 * w.padding[0], size[1] + 2 * w.padding[1]);
        Tensor apart = ViewOps.reshape(c, columns, n, channels, w.kernel[0], w.kernel[1], w.count[0], w.count[1]);
        Tensor windows = w.windows(padded);
        for (long i = 0; i < w.kernel[0]; i++) {
            for (long j = 0; j < w.kernel[1]; j++) {
                // windows overlap, but the same place of different windows does not
                c.call("aten::add_.Tensor", Views.select(Views.select(windows, 2, i), 2, j),
                    Views.select(Views.select(apart, 2, i), 2, j));
            }
        }
        Tensor inner = Views.narrow(Views.narrow(padded, 2, w.padding[0], size[0]), 3, w.padding[1], size[1]);
        Tensor out = c.empty(t.dtype(), n, channels, size[0], size[1]);
        Elementwise.copy(c, inner, out);
        return t.dim() == 2 ? Views.squeeze(out, 0) : out;
    }
}
