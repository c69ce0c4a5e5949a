package dev.cresset.kernels.expr;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Running expressions over tensors directly, for kernels that need it. */
public final class Elementwise {
    private static final List<TileProgram> COPIES =
        Arrays.stream(ScalarType.values()).map(t -> TileProgram.compile(new Expr.Load(0, t))).toList();

    private Elementwise() {}

    /** Copies elements, converting the type; {@code from} broadcasts to {@code to}. They must not overlap. */
    public static void copy(Tensor from, Tensor to) { copy(null, from, to); }

    /** As the other, on the context's threads. */
    public static void copy(CallContext context, Tensor from, Tensor to) {
        COPIES.get(from.dtype().ordinal()).run(new Args(context, new Object[] {from}), new Tensor[] {from, null}, to);
    }

    /** Sets all elements to a Long, Double, Boolean or Complex, converted to the tensor's type. */
    public static void fill(CallContext context, Tensor to, Object value) {
        ScalarType type = Expr.compute(to.dtype());
        if (to.storage().isOnDevice()) {
            apply(context, new Expr.Param(0, type), to, value);   // one kernel for all values
            return;
        }
        Object constant = value instanceof Boolean b ? (Object) (b ? 1L : 0L) : value;
        apply(context, new Expr.Const(constant, type), to);
    }

    /**
     * Writes an expression's value at every coordinate of {@code out}, converted to its type.
     *
     * @param inputs tensors and numbers by the positions that the expression's loads and params name; tensors broadcast
     *               to {@code out} and overlap it only element by element
     */
    public static void apply(CallContext context, Expr expr, Tensor out, Object... inputs) {
        if (!out.storage().isOnDevice()) compile(expr).run(context, out, inputs);
        else TileProgram.runOnDevice(expr, new Args(context, inputs), operands(inputs), out);
    }

    /** The tensors at their places, and a place for the output. */
    private static Tensor[] operands(Object[] inputs) {
        Tensor[] operands = new Tensor[inputs.length + 1];
        for (int i = 0; i < inputs.length; i++) operands[i] = inputs[i] instanceof Tensor t ? t : null;
        return operands;
    }

    /** An expression made ready to run often. */
    public static Prepared compile(Expr expr) { return new Prepared(TileProgram.compile(expr)); }

    /** A compiled expression; safe from any thread. */
    public static final class Prepared {
        private final TileProgram program;

        private Prepared(TileProgram program) { this.program = program; }

        /** As {@link Elementwise#apply}. */
        public void run(CallContext context, Tensor out, Object... inputs) {
            program.run(new Args(context, inputs), operands(inputs), out);
        }
    }
}
