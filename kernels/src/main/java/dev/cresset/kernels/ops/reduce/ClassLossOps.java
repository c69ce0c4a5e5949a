package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;

/** Losses of scores by class, dimension 1 (or the only one), against the right class. */
final class ClassLossOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        String open = "(Tensor self, Tensor target, Tensor? weight=None, int reduction=1, int ignore_index=-100";
        for (String name : new String[] {"nll_loss", "nll_loss2d"}) {
            ops.op("aten::" + name + open + ") -> Tensor").kernel(a -> meta(a, 3), (a, out) -> nll(a, out, null)).everywhere()
                .alsoAs("aten::" + name + ".out" + open + ", *, Tensor(a!) out) -> Tensor(a!)");
            ops.op("aten::" + name + "_forward(Tensor self, Tensor target, Tensor? weight, int reduction, int ignore_index)"
                + " -> (Tensor output, Tensor total_weight)")
                .kernels(a -> new Meta[] {meta(a, 3), Meta.of(a.tensor(0).dtype())}, (a, out) -> nll(a, out[0], out[1])).everywhere();
        }
        ops.op("aten::nll_loss_nd" + open + ") -> Tensor").kernel(a -> meta(a, 3), (a, out) -> nll(a, out, null)).everywhere();
        ops.op("aten::cross_entropy_loss" + open + ", float label_smoothing=0.) -> Tensor")
            .kernel(a -> meta(a, 3), ClassLossOps::crossEntropy).everywhere();
        String margin = "(Tensor self, Tensor target, Scalar p=1, Scalar margin=1, Tensor? weight=None, int reduction=1";
        ops.op("aten::multi_margin_loss" + margin + ") -> Tensor").kernel(a -> meta(a, 5), ClassLossOps::multiMargin).everywhere()
            .alsoAs("aten::multi_margin_loss.out" + margin + ", *, Tensor(a!) out) -> Tensor(a!)");
        ops.op("aten::multilabel_margin_loss(Tensor self, Tensor target, int reduction=1) -> Tensor")
            .kernel(a -> meta(a, 2), ClassLossOps::multilabelMargin).everywhere();
    }

    private static int classDim(Tensor t) { return t.dim() == 1 ? 0 : 1; }

    private static Meta meta(Args a, int reduction) {
        Tensor t = a.tensor(0);
        if (t.dim() == 0) throw new ScriptError("Expected input with at least 1 dimension, got 0");
        if (!t.dtype().isFloating()) throw new ScriptError("a loss of scores of type " + t.dtype().printName() + " is not defined; expected floats");
        boolean[] mask = new boolean[t.dim()];
        mask[classDim(t)] = true;
        return a.int64(reduction) == ElementLoss.NONE ? Dims.meta(t.dtype(), t, mask, false) : Meta.of(t.dtype());
    }

    /** Writes losses by sample, or their sum or their mean over the total weight. */
    private static void finish(double[] losses, double divisor, long reduction, Tensor out) {
        if (ElementLoss.reduction(reduction) == ElementLoss.NONE) {
            for (int i = 0; i < losses.length; i++) Elements.setDouble(out.data(), out.dtype(), out.offset() + i, losses[i]);
        } else {
            double sum = Arrays.stream(losses).sum();
            ElementLoss.set(out, reduction == ElementLoss.MEAN ? sum / divisor : sum);
        }
    }

    private static void nll(Args a, Tensor out, Tensor totalWeight) {
        if (a.context().isOnDevice()) {
            nllOnDevice(a, out, totalWeight);
            return;
        }
        double total = nll(a.tensor(0), a.tensor(1), Rows.elements(a.tensorOrNull(2)), a.int64(4), a.int64(3), out);
        if (totalWeight != null) ElementLoss.set(totalWeight, a.int64(3) == ElementLoss.NONE ? 0 : total);
    }

    private static void nllOnDevice(Args a, Tensor out, Tensor totalWeight) {
        checkTarget(a.tensor(0), a.tensor(1));
        Tensor total = onDevice(a, a.tensor(0)).nll(a.tensor(1), a.int64(4), out);
        if (totalWeight == null) return;
        if (a.int64(3) == ElementLoss.NONE) Elementwise.fill(a.context(), totalWeight, 0L);
        else Elementwise.copy(a.context(), total, totalWeight);
    }

    private static DeviceClassLoss onDevice(Args a, Tensor scores) {
        return new DeviceClassLoss(a.context(), scores, classDim(scores), a.tensorOrNull(2), a.int64(3));
    }

    private static void checkTarget(Tensor input, Tensor target) {
        boolean[] mask = new boolean[input.dim()];
        mask[classDim(input)] = true;
        long[] expected = Dims.sizes(input, mask, false);
        if (!Arrays.equals(expected, target.sizes()) && !(input.dim() == 1 && target.numel() == 1)) {
            throw new ScriptError("Expected target size " + Arrays.toString(expected) + ", got " + Arrays.toString(target.sizes()));
        }
    }

    private static int checkedClass(long target, int classes) {
        if (target < 0 || target >= classes) throw new ScriptError("IndexError", "Target " + target + " is out of bounds.");
        return (int) target;
    }

    /** Returns the total weight of the samples that count. */
    private static double nll(Tensor input, Tensor targets, double[] weight, long ignored, long reduction, Tensor out) {
        Lines lines = new Lines(input, classDim(input));
        checkTarget(input, targets);
        long[] target = targets.toLongArray();
        double[] losses = new double[target.length];
        double total = 0;
        for (int l = 0; l < losses.length; l++) {
            if (target[l] == ignored) continue;
            int c = checkedClass(target[l], lines.length());
            double w = weight == null ? 1 : weight[c];
            total += w;
            losses[l] = -w * Elements.getDouble(input.data(), input.dtype(), lines.at(input, l) + c * lines.stride(input));
        }
        finish(losses, total, reduction, out);
        return total;
    }

    private static void crossEntropy(Args a, Tensor out) {
        CallContext c = a.context();
        Tensor input = a.tensor(0);
        Tensor target = a.tensor(1);
        double smoothing = a.float64(5);
        if (smoothing < 0 || smoothing > 1) throw new ScriptError("label_smoothing must be between 0.0 and 1.0. Got: " + smoothing);
        Tensor scores = c.tensor("aten::log_softmax.int", input, (long) classDim(input), null);
        boolean soft = Arrays.equals(input.sizes(), target.sizes()) && target.dtype().isFloating();
        if (c.isOnDevice()) {
            DeviceClassLoss loss = onDevice(a, scores);
            if (!soft) checkTarget(scores, target);
            if (soft) loss.probabilities(target, smoothing, out);
            else if (smoothing > 0) loss.smoothed(target, a.int64(4), smoothing, out);
            else loss.nll(target, a.int64(4), out);
            return;
        }
        double[] weight = Rows.elements(a.tensorOrNull(2));
        if (soft) {
            probabilities(scores, target, weight, smoothing, a.int64(3), out);
        } else if (smoothing > 0) {
            smoothed(c, scores, target, weight, a.int64(4), smoothing, a.int64(3), out);
        } else {
            nll(scores, target, weight, a.int64(4), a.int64(3), out);
        }
    }

    private static void probabilities(Tensor scores, Tensor target, double[] weight, double smoothing, long reduction, Tensor out) {
        Lines lines = new Lines(scores, classDim(scores));
        int n = lines.length();
        double[] x = new double[n];
        double[] t = new double[n];
        double[] losses = new double[(int) lines.count()];
        for (int l = 0; l < losses.length; l++) {
            Blocks.load(scores, lines.at(scores, l), lines.stride(scores), x, n);
            Blocks.load(target, lines.at(target, l), lines.stride(target), t, n);
            for (int c = 0; c < n; c++) {
                losses[l] -= (weight == null ? 1 : weight[c]) * (t[c] * (1 - smoothing) + smoothing / n) * x[c];
            }
        }
        finish(losses, losses.length, reduction, out);
    }

    /** The right class gets 1 - smoothing, all classes share the rest. */
    private static void smoothed(CallContext c, Tensor scores, Tensor targets, double[] weight, long ignored, double smoothing,
        long reduction, Tensor out) {
        Lines lines = new Lines(scores, classDim(scores));
        int n = lines.length();
        Tensor hard = c.empty(dev.cresset.ir.type.ScalarType.FLOAT64, out.sizes());
        nll(scores, targets, weight, ignored, reduction, hard);
        long[] target = targets.toLongArray();
        double[] spread = new double[target.length];
        double[] x = new double[n];
        double divisor = 0;
        for (int l = 0; l < spread.length; l++) {
            if (target[l] == ignored) continue;
            divisor += weight == null ? 1 : weight[checkedClass(target[l], n)];
            Blocks.load(scores, lines.at(scores, l), lines.stride(scores), x, n);
            for (int k = 0; k < n; k++) spread[l] -= (weight == null ? 1 : weight[k]) * x[k];
        }
        Tensor soft = c.empty(dev.cresset.ir.type.ScalarType.FLOAT64, out.sizes());
        finish(spread, divisor, reduction, soft);
        double[] a = hard.toDoubleArray();
        double[] b = soft.toDoubleArray();
        for (int i = 0; i < a.length; i++) {
            Elements.setDouble(out.data(), out.dtype(), out.offset() + i, (1 - smoothing) * a[i] + smoothing / n * b[i]);
        }
    }

    private static void multiMargin(Args a, Tensor out) {
        Tensor input = a.tensor(0);
        if (a.float64(2) != 1 && a.float64(2) != 2) throw new ScriptError("only p == 1 and p == 2 supported");
        if (a.context().isOnDevice()) {
            checkTarget(input, a.tensor(1));
            new DeviceClassLoss(a.context(), input, classDim(input), a.tensorOrNull(4), a.int64(5)).margin(a.tensor(1), a.float64(2), a.float64(3), out);
            return;
        }
        Lines lines = new Lines(input, classDim(input));
        int n = lines.length();
        double[] weight = Rows.elements(a.tensorOrNull(4));
        long[] target = a.tensor(1).toLongArray();
        double[] losses = new double[target.length];
        double[] x = new double[n];
        for (int l = 0; l < losses.length; l++) {
            Blocks.load(input, lines.at(input, l), lines.stride(input), x, n);
            int right = checkedClass(target[l], n);
            for (int c = 0; c < n; c++) {
                double z = Math.max(0, a.float64(3) - x[right] + x[c]);
                if (c != right) losses[l] += (a.float64(2) == 1 ? z : z * z) * (weight == null ? 1 : weight[right]);
            }
            losses[l] /= n;
        }
        finish(losses, losses.length, a.int64(5), out);
    }

    /** Targets of a row are the classes up to the first -1. */
    private static void multilabelMargin(Args a, Tensor out) {
        Tensor input = a.tensor(0);
        Tensor target = a.tensor(1);
        if (!Arrays.equals(input.sizes(), target.sizes())) {
            throw new ScriptError("inconsistent target size " + Arrays.toString(target.sizes()) + " for input " + Arrays.toString(input.sizes()));
        }
        if (a.context().isOnDevice()) {
            new DeviceClassLoss(a.context(), input, input.dim() - 1, null, a.int64(2)).margins(target, out);
            return;
        }
        int n = Math.toIntExact(input.size(-1));
        double[] x = input.toDoubleArray();
        long[] t = target.toLongArray();
        double[] losses = new double[n == 0 ? 0 : (int) (Shapes.numel(input.sizes()) / n)];
        for (int l = 0; l < losses.length; l++) {
            boolean[] right = new boolean[n];
            int count = 0;
            while (count < n && t[l * n + count] >= 0) right[checkedClass(t[l * n + count++], n)] = true;
            for (int k = 0; k < count; k++) {
                for (int c = 0; c < n; c++) if (!right[c]) losses[l] += Math.max(0, 1 - x[l * n + (int) t[l * n + k]] + x[l * n + c]) / n;
            }
        }
        finish(losses, losses.length, a.int64(2), out);
    }
}
