package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;

/** Normalisation by channel: batch_norm and instance_norm. Training updates the running statistics in place. */
final class BatchNormOps implements OpFamily {
    private static final String ARGUMENTS =
        "(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, float momentum, float eps";

    @Override public void declare(Catalog ops) {
        ops.op("aten::batch_norm" + ARGUMENTS + ", bool cudnn_enabled) -> Tensor")
            .kernel(BatchNormOps::layout, (a, out) -> batchNorm(a, out, null, null)).cuda((a, out) -> ChannelNorm.run(a, out, null, null));
        ops.op("aten::native_batch_norm" + ARGUMENTS + ") -> (Tensor, Tensor, Tensor)")
            .kernels(BatchNormOps::nativeShape, (a, out) -> batchNorm(a, out[0], out[1], out[2]))
            .cudas((a, out) -> ChannelNorm.run(a, out[0], out[1], out[2]))
            .alsoAs("aten::native_batch_norm.out" + ARGUMENTS + ", *, Tensor(a!) out, Tensor(b!) save_mean, Tensor(c!) save_invstd)"
                + " -> (Tensor(a!), Tensor(b!), Tensor(c!))");
        ops.op("aten::_batch_norm_impl_index" + ARGUMENTS + ", bool cudnn_enabled) -> (Tensor, Tensor, Tensor, Tensor, int)")
            .composite(BatchNormOps::indexed);
        ops.op("aten::instance_norm" + ARGUMENTS.replace("bool training", "bool use_input_stats") + ", bool cudnn_enabled) -> Tensor")
            .kernel(a -> a.bool(5) ? Meta.of(a.tensor(0).dtype(), a.tensor(0).sizes()) : layout(a), BatchNormOps::instanceNorm)
            .cuda(InstanceNorm::run);
    }

    private static Object indexed(Args a) {
        Object[] r = (Object[]) a.context().call("aten::native_batch_norm", a.tensor(0), a.get(1), a.get(2), a.get(3), a.get(4), a.get(5),
            a.get(6), a.get(7));
        return new Object[] {r[0], r[1], r[2], a.context().empty(ScalarType.UINT8, 0), 0L};
    }

    private static Meta layout(Args a) {
        Tensor t = a.tensor(0);
        if (t.dim() < 2) throw new ScriptError("batch norm expects an input of at least 2 dimensions, got " + t.dim());
        if (!t.dtype().isFloating()) throw new ScriptError("\"batch_norm\" not implemented for '" + t.dtype().printName() + "'");
        String[] names = {"weight", "bias", "running_mean", "running_var"};
        for (int i = 0; i < 4; i++) {
            Tensor p = a.tensorOrNull(1 + i);
            if (p != null && p.numel() != t.sizes()[1]) {
                throw new ScriptError(names[i] + " should contain " + t.sizes()[1] + " elements not " + p.numel());
            }
        }
        if (!a.bool(5) && (a.isNone(3) || a.isNone(4))) {
            throw new ScriptError("Expected running_mean and running_var to be defined when training=False");
        }
        return Channels.layout(t);
    }

    private static Meta[] nativeShape(Args a) {
        Meta stats = Meta.of(a.tensor(0).dtype(), a.bool(5) ? a.tensor(0).sizes()[1] : 0);
        return new Meta[] {layout(a), stats, stats};
    }

    private static void batchNorm(Args a, Tensor out, Tensor saveMean, Tensor saveInvstd) {
        Tensor t = a.tensor(0);
        int channels = Math.toIntExact(t.sizes()[1]);
        double[] mean = a.bool(5) ? new double[channels] : a.tensor(3).toDoubleArray();
        double[] variance = a.bool(5) ? new double[channels] : a.tensor(4).toDoubleArray();
        if (a.bool(5)) {
            statistics(a.context(), t, mean, variance);
            long n = channels == 0 ? 0 : t.numel() / channels;
            update(a.tensorOrNull(3), a.float64(6), c -> mean[c]);
            update(a.tensorOrNull(4), a.float64(6), c -> variance[c] * n / (n - 1));
        }
        affine(a, out, mean, variance);
        if (saveMean == null || !a.bool(5)) return;
        for (int c = 0; c < channels; c++) {
            Elements.setDouble(saveMean.data(), saveMean.dtype(), saveMean.offset() + c, mean[c]);
            Elements.setDouble(saveInvstd.data(), saveInvstd.dtype(), saveInvstd.offset() + c, 1 / Math.sqrt(variance[c] + a.float64(7)));
        }
    }

    private static void affine(Args a, Tensor out, double[] mean, double[] variance) {
        double[] weight = Rows.elements(a.tensorOrNull(1));
        double[] bias = Rows.elements(a.tensorOrNull(2));
        double[] scale = new double[mean.length];
        double[] shift = new double[mean.length];
        for (int c = 0; c < mean.length; c++) {
            scale[c] = (weight == null ? 1 : weight[c]) / Math.sqrt(variance[c] + a.float64(7));
            shift[c] = (bias == null ? 0 : bias[c]) - mean[c] * scale[c];
        }
        Channels.scale(a.context(), a.tensor(0), out, scale, shift);
    }

    /** Mean and uncorrected variance of each channel. */
    private static void statistics(CallContext context, Tensor t, double[] mean, double[] variance) {
        boolean[] mask = Dims.all(t);
        mask[1] = false;
        Tensor v = context.empty(ScalarType.FLOAT64, mean.length);
        Tensor m = context.empty(ScalarType.FLOAT64, mean.length);
        new Reduction(t, mask).run(context.threads(), () -> new VarianceFold((s, n) -> s / n), v, m);
        System.arraycopy(m.toDoubleArray(), 0, mean, 0, mean.length);
        System.arraycopy(v.toDoubleArray(), 0, variance, 0, mean.length);
    }

    /** running = (1 - momentum) · running + momentum · observed. The schema does not say that it is written. */
    private static void update(Tensor running, double momentum, java.util.function.IntToDoubleFunction observed) {
        if (running == null) return;
        running.storage().beforeWrite();
        for (int c = 0; c < running.numel(); c++) {
            long at = running.offset() + c * running.strides()[0];
            double old = Elements.getDouble(running.data(), running.dtype(), at);
            Elements.setDouble(running.data(), running.dtype(), at, (1 - momentum) * old + momentum * observed.applyAsDouble(c));
        }
    }

    private static void instanceNorm(Args a, Tensor out) {
        Tensor t = a.tensor(0);
        if (!a.bool(5)) {
            affine(a, out, a.tensor(3).toDoubleArray(), a.tensor(4).toDoubleArray());
            return;
        }
        if (t.dim() < 2) throw new ScriptError("instance_norm expects an input of at least 2 dimensions, got " + t.dim());
        if (t.numel() == 0) return;
        int samples = Math.toIntExact(t.sizes()[0]);
        int channels = Math.toIntExact(t.sizes()[1]);
        int length = Math.toIntExact(t.numel() / samples / channels);
        Tensor mean = a.context().empty(ScalarType.FLOAT64, samples, channels);
        Tensor rstd = a.context().empty(ScalarType.FLOAT64, samples, channels);
        Rows.normalize(a.context(), Dims.contiguous(a.context(), t), out, (long) samples * channels, length, 1,
            orOnes(a.tensorOrNull(1), channels, 1), orOnes(a.tensorOrNull(2), channels, 0), a.float64(7), mean, rstd);
        double[] means = mean.toDoubleArray();
        double[] scales = rstd.toDoubleArray();
        double unbias = length / (length - 1.0);
        update(a.tensorOrNull(3), a.float64(6), c -> average(means, c, channels));
        for (int i = 0; i < scales.length; i++) scales[i] = (1 / (scales[i] * scales[i]) - a.float64(7)) * unbias;
        update(a.tensorOrNull(4), a.float64(6), c -> average(scales, c, channels));
    }

    private static double[] orOnes(Tensor t, int n, double value) {
        if (t != null) return t.toDoubleArray();
        double[] v = new double[n];
        Arrays.fill(v, value);
        return v;
    }

    private static double average(double[] v, int channel, int channels) {
        double sum = 0;
        for (int i = channel; i < v.length; i += channels) sum += v[i];
        return sum * channels / v.length;
    }
}
