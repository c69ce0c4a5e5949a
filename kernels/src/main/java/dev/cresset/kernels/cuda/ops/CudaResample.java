package dev.cresset.kernels.cuda.ops;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.code.ImageKernels;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Interpolation on a CUDA device: tables of positions and weights, made on the host, and one kernel for all kinds. */
public final class CudaResample {
    private CudaResample() {}

    /** How a dimension is resampled: for each result position the source positions that count, and their weights. */
    public record Taps(int[][] at, double[][] weight) {}

    /** @param from,to [n, c, d, h, w] @param taps three */
    public static void run(CallContext context, Tensor from, Tensor to, List<Taps> taps) {
        if (to.numel() == 0) return;
        List<ImageKernels.Table> tables = new ArrayList<>();
        for (Taps t : taps) tables.add(table(context, t));
        var arguments = new ImageKernels.Resample(from.address(), to.address(), to.sizes(), from.strides(), to.strides(), tables);
        CudaCall.stream(context).launch(ImageKernels.resample(from.dtype()), arguments.slots(), to.numel());
    }

    /** Rows of one length: shorter ones end with places that do not count. */
    private static ImageKernels.Table table(CallContext context, Taps taps) {
        int n = taps.at.length, width = 1;
        for (int[] row : taps.at) width = Math.max(width, row.length);
        int each = width;
        Tensor at = context.madeOnHost(() -> {
            Tensor t = context.zeros(ScalarType.INT32, n, each);
            for (int o = 0; o < n; o++) {
                for (int k = 0; k < taps.at[o].length; k++) Elements.setLong(t.data(), ScalarType.INT32, (long) o * each + k, taps.at[o][k]);
            }
            return t;
        });
        Tensor weight = context.madeOnHost(() -> {
            Tensor t = context.zeros(ScalarType.FLOAT64, n, each);
            for (int o = 0; o < n; o++) {
                for (int k = 0; k < taps.weight[o].length; k++) {
                    Elements.setDouble(t.data(), ScalarType.FLOAT64, (long) o * each + k, taps.weight[o][k]);
                }
            }
            return t;
        });
        return new ImageKernels.Table(at.address(), weight.address(), each);
    }
}
