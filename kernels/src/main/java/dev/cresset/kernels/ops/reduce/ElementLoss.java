package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.code.ReduceKernels.Operator;
import dev.cresset.kernels.cuda.ops.CudaReduce;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Meta;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;

/** Losses that are a formula of corresponding elements, then kept, averaged or summed. */
final class ElementLoss {
    /** PyTorch's codes of reductions. */
    static final int NONE = 0, MEAN = 1, SUM = 2;

    private ElementLoss() {}

    /** The loss of one element from the elements of up to four inputs; an absent input gives 1. */
    @FunctionalInterface
    interface Formula { Expr at(Expr x, Expr y, Expr z, Expr w); }

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

    /** Computed in double precision, on a device in the type of the result. */
    static void run(CallContext c, long reduction, Formula formula, Tensor out, Tensor... inputs) {
        ScalarType type = c.isOnDevice() ? Expr.compute(out.dtype()) : ScalarType.FLOAT64;
        Expr[] e = new Expr[4];
        for (int i = 0; i < e.length; i++) {
            e[i] = i < inputs.length && inputs[i] != null ? new Expr.Load(i, inputs[i].dtype()).to(type) : Expr.constant(1, type);
        }
        Expr loss = formula.at(e[0], e[1], e[2], e[3]);
        if (reduction(reduction) == NONE) {
            Elementwise.apply(c, loss, out, (Object[]) inputs);
        } else {
            Tensor all = c.empty(type, shape(inputs));
            Elementwise.apply(c, loss, all, (Object[]) inputs);
            reduce(c, all, reduction == MEAN, out);
        }
    }

    /** The sum of all elements, or their mean. */
    static void reduce(CallContext c, Tensor all, boolean mean, Tensor out) {
        boolean[] mask = Dims.all(all);
        double n = all.numel();
        if (c.isOnDevice()) CudaReduce.run(c, mean ? Operator.MEAN : Operator.SUM, all, mask, out);
        else SumOps.fold(c, all, mask, out, DoubleFold.Kind.SUM, sum -> mean ? sum / n : sum);
    }

    static long reduction(long code) {
        if (code < NONE || code > SUM) throw new ScriptError("reduction " + code + " is unknown; expected 0 (none), 1 (mean) or 2 (sum)");
        return code;
    }

    /** Writes a 0-dim result. */
    static void set(Tensor out, double value) { Elements.setDouble(out.data(), out.dtype(), out.offset(), value); }
}
