package dev.cresset.kernels.expr;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Args;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.List;

/** An expression made ready to run over whole tensors. Immutable; safe from any thread. */
final class TileProgram {
    private final Expr expr;

    private TileProgram(Expr expr) { this.expr = expr; }

    static TileProgram compile(Expr expr) { return new TileProgram(expr); }

    /** The element type of the expression's value. */
    ScalarType type() { return expr.type(); }

    /**
     * Writes the expression's value at every coordinate of {@code out}, converted to its type.
     *
     * @param tensors tensor inputs by argument position (null for others); they broadcast to {@code out}
     */
    void run(Args a, List<Tensor> tensors, Tensor out) {
        long[][] strides = new long[tensors.size()][];
        long[] at = new long[tensors.size()];
        for (int i = 0; i < at.length; i++) {
            Tensor t = tensors.get(i);
            if (t == null) continue;
            strides[i] = Shapes.broadcastStrides(t.sizes(), t.strides(), out.sizes());
            at[i] = t.offset();
        }
        ScalarInterpreter.Inputs inputs = new ScalarInterpreter.Inputs() {
            @Override public Object load(int i) { return Elements.get(tensors.get(i).data(), tensors.get(i).dtype(), at[i]); }

            @Override public Object param(int i) { return a.get(i); }
        };
        long[] index = new long[out.dim()];
        long outAt = out.offset();
        long n = out.numel();
        for (long k = 0; k < n; k++) {
            Elements.set(out.data(), out.dtype(), outAt, ScalarInterpreter.convert(ScalarInterpreter.evaluate(expr, inputs), out.dtype()));
            for (int d = out.dim() - 1; d >= 0; d--) {
                boolean carry = ++index[d] == out.sizes()[d];
                long steps = carry ? 1 - out.sizes()[d] : 1;
                for (int i = 0; i < at.length; i++) if (strides[i] != null) at[i] += steps * strides[i][d];
                outAt += steps * out.strides()[d];
                if (!carry) break;
                index[d] = 0;
            }
        }
    }
}
