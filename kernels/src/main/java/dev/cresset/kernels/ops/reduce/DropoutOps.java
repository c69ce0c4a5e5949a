package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;

/**
 * Dropout: random zeros in training, the input itself otherwise. Element (or feature) k of a call is decided by the uniform
 * number of counter base + k.
 */
final class DropoutOps implements OpFamily {
    /** The negative saturation value of SELU, which alpha dropout puts instead of 0. */
    private static final double ALPHA = 1.7580993408473766;

    @Override public void declare(Catalog ops) {
        declare(ops, "dropout", false, false);
        declare(ops, "feature_dropout", true, false);
        declare(ops, "alpha_dropout", false, true);
        declare(ops, "feature_alpha_dropout", true, true);
        ops.op("aten::native_dropout(Tensor input, float p, bool? train) -> (Tensor, Tensor)").nondeterministic()
            .composite(DropoutOps::nativeDropout);
    }

    private static void declare(Catalog ops, String name, boolean features, boolean alpha) {
        ops.op("aten::" + name + "(Tensor input, float p, bool train) -> Tensor").nondeterministic()
            .composite(a -> inTraining(a) ? drop(a, features, alpha, a.context().empty(a.tensor(0).dtype(), a.tensor(0).sizes())) : a.tensor(0));
        ops.op("aten::" + name + "_(Tensor(a!) self, float p, bool train) -> Tensor(a!)").nondeterministic()
            .composite(a -> inTraining(a) ? drop(a, features, alpha, a.tensor(0)) : a.tensor(0));
    }

    private static boolean inTraining(Args a) {
        double p = a.float64(1);
        if (!(p >= 0 && p <= 1)) throw new ScriptError("dropout probability has to be between 0 and 1, but got " + p);
        return a.bool(2) && p > 0 && a.tensor(0).numel() > 0;
    }

    private static Tensor drop(Args a, boolean features, boolean alpha, Tensor out) {
        Tensor self = a.tensor(0);
        if (features && self.dim() < 2) throw new ScriptError("Feature dropout requires at least 2 dimensions in the input");
        long span = features ? self.numel() / (self.sizes()[0] * self.sizes()[1]) : 1;
        double p = a.float64(1);
        double slope = 1 / Math.sqrt((ALPHA * ALPHA * p + 1) * (1 - p));
        double kept = p == 1 ? 0 : alpha ? slope : 1 / (1 - p);
        double keptShift = alpha && p < 1 ? ALPHA * slope * p : 0;
        double droppedShift = alpha && p < 1 ? ALPHA * slope * (p - 1) : 0;
        Generator g = a.context().generator();
        if (out.storage().isOnDevice()) {
            return dropOnDevice(a.context(), self, span, p, new double[] {kept, keptShift, droppedShift}, out);
        }
        Tensor in = Dims.contiguous(a.context(), self);
        Tensor to = out.isContiguous() ? out : a.context().empty(out.dtype(), out.sizes());
        long base = g.reserve(self.numel() / span);
        Work.split(a.context().threads(), self.numel(), 8, (from, to2) -> {
            double[] v = new double[Blocks.SIZE];
            for (long i = from; i < to2; i += Blocks.SIZE) {
                int n = (int) Math.min(Blocks.SIZE, to2 - i);
                Blocks.load(in, in.offset() + i, 1, v, n);
                for (int k = 0; k < n; k++) {
                    boolean keep = g.uniform(base + (i + k) / span, 0) >= p;
                    v[k] = keep ? v[k] * kept + keptShift : v[k] * 0 + droppedShift;
                }
                Blocks.store(v, to, to.offset() + i, 1, n);
            }
        });
        if (to != out) Elementwise.copy(to, out);
        return out;
    }

    /** By a mask. @param line factor and shift of what is kept, shift of what is dropped */
    private static Tensor dropOnDevice(CallContext c, Tensor self, long span, double p, double[] line, Tensor out) {
        long[] sizes = self.sizes().clone();
        if (span > 1) for (int d = 2; d < sizes.length; d++) sizes[d] = 1;
        Tensor mask = c.empty(self.dtype(), sizes);
        RandomFill.trials(c, c.generator(), p, mask);
        Tensor scaled = c.tensor("aten::mul.Tensor", self, c.tensor("aten::mul.Scalar", mask, line[0]));
        Tensor shift = c.tensor("aten::add.Scalar", c.tensor("aten::mul.Scalar", mask, line[1] - line[2]), line[2], 1L);
        c.call("aten::copy_", out, c.tensor("aten::add.Tensor", scaled, shift, 1L));
        return out;
    }

    /** With the mask of what was kept; {@code train=None} means training. */
    private static Object nativeDropout(Args a) {
        Tensor t = a.tensor(0);
        double p = a.float64(1);
        Tensor mask = a.context().empty(ScalarType.BOOL, t.sizes());
        Tensor out = a.context().empty(t.dtype(), t.sizes());
        boolean train = a.boolOr(2, true) && p > 0;
        Generator g = a.context().generator();
        if (a.context().isOnDevice()) {
            RandomFill.trials(a.context(), g, train ? p : 0, mask);
            Tensor kept = a.context().tensor("aten::mul.Tensor", t, mask);
            Elementwise.copy(a.context(), train && p < 1 ? a.context().tensor("aten::div.Scalar", kept, 1 - p) : train
                ? a.context().tensor("aten::mul.Scalar", t, 0L) : t, out);
            return new Object[] {out, mask};
        }
        long base = g.reserve(t.numel());
        double[] v = t.toDoubleArray();
        for (int i = 0; i < v.length; i++) {
            boolean keep = !train || g.uniform(base + i, 0) >= p;
            Elements.setLong(mask.data(), ScalarType.BOOL, mask.offset() + i, keep ? 1 : 0);
            Elements.setDouble(out.data(), out.dtype(), out.offset() + i, !train ? v[i] : keep && p < 1 ? v[i] / (1 - p) : v[i] * 0);
        }
        return new Object[] {out, mask};
    }
}
