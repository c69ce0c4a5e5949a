package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.ops.CudaCtcLoss;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;

/**
 * Connectionist temporal classification (Graves et al., ICML 2006): the negative log likelihood of target sequences,
 * by the forward recursion over targets with blanks in between, in double precision.
 */
final class CtcLossOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        String options = "int blank=0, int reduction=1, bool zero_infinity=False) -> Tensor";
        ops.op("aten::ctc_loss.IntList(Tensor log_probs, Tensor targets, int[] input_lengths, int[] target_lengths, " + options)
            .kernel(a -> meta(a, a.list(2).size()), (a, out) -> run(a, a.longs(2), a.longs(3), out)).everywhere();
        ops.op("aten::ctc_loss.Tensor(Tensor log_probs, Tensor targets, Tensor input_lengths, Tensor target_lengths, " + options)
            .kernel(a -> meta(a, a.tensor(2).numel()), (a, out) -> run(a, a.tensor(2).toLongArray(), a.tensor(3).toLongArray(), out))
            .everywhere().mixes();
    }

    private static Meta meta(Args a, long batch) {
        ScalarType type = a.tensor(0).dtype();
        boolean each = a.int64(5) == ElementLoss.NONE;
        return !each || a.tensor(0).dim() == 2 ? Meta.of(type) : Meta.of(type, batch);
    }

    private static void run(Args a, long[] inputLengths, long[] targetLengths, Tensor out) {
        Tensor logProbs = a.tensor(0);
        int time = (int) logProbs.size(0), classes = (int) logProbs.size(-1);
        int batch = logProbs.dim() == 2 ? 1 : (int) logProbs.size(1);
        if (inputLengths.length != batch || targetLengths.length != batch) {
            throw new ScriptError("input_lengths and target_lengths must have the size of the batch, " + batch + ", got "
                + inputLengths.length + " and " + targetLengths.length);
        }
        for (long length : inputLengths) {
            if (length > time) throw new ScriptError("Expected input_lengths to have value at most " + time + ", but got value " + length);
        }
        long[] starts = starts(a.tensor(1), targetLengths);
        if (out.storage().isOnDevice()) {
            onDevice(a, starts, inputLengths, targetLengths, out);
            return;
        }
        double[] logs = logProbs.toDoubleArray();
        long[] targets = a.tensor(1).toLongArray();
        int blank = a.int32(4);
        double sum = 0;
        for (int n = 0; n < batch; n++) {
            int length = (int) targetLengths[n], start = (int) starts[n];
            double loss = loss(logs, n, batch, classes, (int) inputLengths[n], Arrays.copyOfRange(targets, start, start + length), blank);
            if (a.bool(6) && Double.isInfinite(loss)) loss = 0;
            if (a.int64(5) == ElementLoss.NONE) Elements.setDouble(out.data(), out.dtype(), out.offset() + n, loss);
            sum += a.int64(5) == ElementLoss.MEAN ? loss / Math.max(1, length) / batch : loss;
        }
        if (a.int64(5) != ElementLoss.NONE) ElementLoss.set(out, sum);
    }

    /** Where the target of each sequence begins: in a row of its own, or after the one before. */
    private static long[] starts(Tensor targets, long[] lengths) {
        long[] starts = new long[lengths.length];
        for (int n = 1; n < starts.length; n++) starts[n] = targets.dim() == 2 ? n * targets.size(1) : starts[n - 1] + lengths[n - 1];
        return starts;
    }

    private static void onDevice(Args a, long[] starts, long[] inputLengths, long[] targetLengths, Tensor out) {
        CallContext c = a.context();
        Tensor logs = a.tensor(0).dim() == 2 ? Views.unsqueeze(a.tensor(0), 1) : a.tensor(0);
        Tensor targets = c.tensor("aten::to.dtype", c.tensor("aten::contiguous", c.here(a.tensor(1))), (long) ScalarType.INT64.code());
        boolean each = a.int64(5) == ElementLoss.NONE;
        Tensor losses = CudaCtcLoss.losses(c, logs, targets, starts, inputLengths, targetLengths, a.int64(4), a.bool(6),
            a.int64(5) == ElementLoss.MEAN);
        Elementwise.copy(c, each ? Views.view(losses, out.sizes()) : c.tensor("aten::sum", losses, null), out);
    }

    /** alpha[s]: log likelihood of all ways to have read the first s symbols of blank, t1, blank, t2, …, blank. */
    private static double loss(double[] logs, int n, int batch, int classes, int time, long[] target, int blank) {
        int states = 2 * target.length + 1;
        double[] alpha = new double[states];
        Arrays.fill(alpha, Double.NEGATIVE_INFINITY);
        alpha[0] = 0;   // before the first step: nothing read
        double[] next = new double[states];
        for (int t = 0; t < time; t++) {
            int row = (t * batch + n) * classes;
            for (int s = 0; s < states; s++) {
                int symbol = (s & 1) == 0 ? blank : (int) target[s / 2];
                double reached = alpha[s];
                if (s > 0 && (t > 0 || s == 1)) reached = logAdd(reached, alpha[s - 1]);
                boolean skipsBlank = t > 0 && s > 1 && (s & 1) == 1 && target[s / 2] != target[s / 2 - 1];
                if (skipsBlank) reached = logAdd(reached, alpha[s - 2]);
                next[s] = reached + logs[row + symbol];
            }
            double[] swap = alpha;
            alpha = next;
            next = swap;
        }
        return -(states == 1 ? alpha[0] : logAdd(alpha[states - 1], alpha[states - 2]));
    }

    private static double logAdd(double a, double b) {
        double high = Math.max(a, b);
        return high == Double.NEGATIVE_INFINITY ? high : high + Math.log1p(Math.exp(Math.min(a, b) - high));
    }
}
