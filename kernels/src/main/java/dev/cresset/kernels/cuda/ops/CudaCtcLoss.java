package dev.cresset.kernels.cuda.ops;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.code.CtcKernels;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;

/** Connectionist temporal classification on a CUDA device. */
public final class CudaCtcLoss {
    private CudaCtcLoss() {}

    /**
     * The loss of each sequence, float64.
     *
     * @param logs    [time, sequence, class]
     * @param targets int64, on the device
     * @param starts  where the target of each sequence begins; {@code steps} and {@code symbols}: the lengths of its input and target
     * @param finite  0 for an infinite loss
     * @param mean    each divided by its target's length and by how many there are
     */
    public static Tensor losses(CallContext c, Tensor logs, Tensor targets, long[] starts, long[] steps, long[] symbols, long blank, boolean finite,
                                boolean mean) {
        int n = starts.length;
        long states = 2 * Arrays.stream(symbols).max().orElse(0) + 1;
        Tensor lengths = c.madeOnHost(() -> {
            Tensor t = c.empty(ScalarType.INT64, 3, n);
            for (int i = 0; i < n; i++) {
                Elements.setLong(t.data(), ScalarType.INT64, i, starts[i]);
                Elements.setLong(t.data(), ScalarType.INT64, n + i, steps[i]);
                Elements.setLong(t.data(), ScalarType.INT64, 2 * n + i, symbols[i]);
            }
            return t;
        });
        Tensor alpha = c.empty(ScalarType.FLOAT64, n, 2, states), losses = c.empty(ScalarType.FLOAT64, n);
        var arguments = new CtcKernels.Arguments(logs.address(), targets.address(), lengths.address(), alpha.address(), losses.address(), n, states,
            blank, finite, mean, logs.strides());
        CudaCall.stream(c).launch(CtcKernels.loss(logs.dtype()), arguments.slots(), n);
        return losses;
    }
}
