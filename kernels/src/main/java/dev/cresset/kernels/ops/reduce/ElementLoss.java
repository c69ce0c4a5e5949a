package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Meta;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;

/** Losses that are a formula of corresponding elements, then kept, averaged or summed. */
final class ElementLoss {
    /** PyTorch's codes of reductions. */
    static final int NONE = 0, MEAN = 1, SUM = 2;

    private ElementLoss() {}

    /** The loss of one element from the elements of up to four inputs; an absent input gives 1. */
    @FunctionalInterface
    interface Formula { double at(double x, double y, double z, double w); }

    /** Row-major, of the promoted type: the broadcast shape, or 0-dim if reduced. Absent inputs are null. */
    static Meta meta(long reduction, Tensor... inputs) {
        ScalarType type = inputs[0].dtype();
        for (Tensor t : inputs) if (t != null && t.dtype().isFloating()) type = ScalarType.promote(type, t.dtype());
        return reduction == NONE ? Meta.of(type, shape(inputs)) : Meta.of(type);
    }

    private static long[] shape(Tensor... inputs) {
        long[] shape = inputs[0].sizes();
        for (Tensor t : inputs) if (t != null) shape = Shapes.broadcast(shape, t.sizes());
        return shape;
    }

    static void run(CallContext c, long reduction, Formula formula, Tensor out, Tensor... inputs) {
        long[] shape = shape(inputs);
        long n = Shapes.numel(shape);
        Tensor[] in = new Tensor[inputs.length];
        double[][] v = new double[4][Blocks.SIZE];
        for (double[] one : v) java.util.Arrays.fill(one, 1);
        for (int i = 0; i < in.length; i++) if (inputs[i] != null) in[i] = Dims.contiguous(c, Views.expand(inputs[i], shape));
        double total = 0;
        for (long at = 0; at < n; at += Blocks.SIZE) {
            int m = (int) Math.min(Blocks.SIZE, n - at);
            for (int i = 0; i < in.length; i++) if (in[i] != null) Blocks.load(in[i], in[i].offset() + at, 1, v[i], m);
            double[] x = v[0];
            for (int i = 0; i < m; i++) {
                double loss = formula.at(x[i], v[1][i], v[2][i], v[3][i]);
                total += loss;
                x[i] = loss;
            }
            if (reduction == NONE) Blocks.store(x, out, out.offset() + at, 1, m);
        }
        if (reduction != NONE) set(out, reduction(reduction) == MEAN ? total / n : total);
    }

    static long reduction(long code) {
        if (code < NONE || code > SUM) throw new ScriptError("reduction " + code + " is unknown; expected 0 (none), 1 (mean) or 2 (sum)");
        return code;
    }

    /** Writes a 0-dim result. */
    static void set(Tensor out, double value) { Elements.setDouble(out.data(), out.dtype(), out.offset(), value); }
}
