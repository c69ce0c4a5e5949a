package dev.cresset.kernels.ops.nn;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.function.IntFunction;

/** A recurrent layer by products and expressions, on any device: one product for the inputs of all steps, one more in each step. */
record RecurrentSteps(CallContext context, RecurrentLayer layer) {
    /**
     * Runs over sequences.
     *
     * @param source the rows of all steps, one step after the other
     * @param active how many rows of the batch each step has; never more than the one before
     * @param before states [batch, …]; {@code after} receives the last ones and is row-major
     * @param out    where the results of a step go, [active, width]
     */
    void run(Tensor source, int[] active, Tensor[] before, IntFunction<Tensor> out, Tensor[] after) {
        for (int i = 0; i < after.length; i++) Elementwise.copy(context, before[i], after[i]);
        Tensor x = context.tensor("aten::linear", source, layer.inputWeight(), layer.inputBias());
        int[] start = RecurrentLayer.starts(active);
        for (int i = 0; i < active.length; i++) {
            int t = layer.reverse() ? active.length - 1 - i : i;
            Tensor state = Views.narrow(after[0], 0, 0, active[t]);
            Tensor memory = after.length > 1 ? Views.narrow(after[1], 0, 0, active[t]) : null;
            step(Views.narrow(x, 0, start[t], active[t]), state, memory);
            Elementwise.copy(context, state, out.apply(t));
        }
    }

    /** One step. @param x gates from the input; @param state and {@code memory} (LSTM's cell) are read and written */
    private void step(Tensor x, Tensor state, Tensor memory) {
        Tensor h = context.tensor("aten::linear", state, layer.hiddenWeight(), layer.hiddenBias());
        int n = layer.hidden();
        Object[] inputs = new Object[2 * layer.cell().gates + 1];
        for (int g = 0; g < layer.cell().gates; g++) {
            inputs[2 * g] = Views.narrow(x, 1, (long) g * n, n);
            inputs[2 * g + 1] = Views.narrow(h, 1, (long) g * n, n);
        }
        Tensor target = layer.projection() == null ? state : context.empty(state.dtype(), state.size(0), n);
        inputs[inputs.length - 1] = memory != null ? memory : state;
        Gates gates = new Gates(x.dtype(), layer.cell().gates);
        switch (layer.cell()) {
            case LSTM -> {
                Elementwise.apply(context, gates.memory(), memory, inputs);
                Elementwise.apply(context, gates.lstm(), target, inputs);
            }
            case GRU -> Elementwise.apply(context, gates.gru(), target, inputs);
            case TANH -> Elementwise.apply(context, gates.sum(0).tanh(), target, inputs);
            case RELU -> Elementwise.apply(context, gates.sum(0).max(0), target, inputs);
        }
        if (target != state) Elementwise.copy(context, context.tensor("aten::linear", target, layer.projection(), null), state);
    }

    /** What cells compute of gates that lie as pairs (from the input, from the state), and of a state after them. */
    private record Gates(ScalarType type, int count) {
        Expr load(int i) { return new Expr.Load(i, type).to(Expr.compute(type)); }

        Expr sum(int gate) { return load(2 * gate).add(load(2 * gate + 1)); }

        Expr state() { return load(2 * count); }

        Expr memory() { return sum(1).sigmoid().mul(state()).add(sum(0).sigmoid().mul(sum(2).tanh())); }

        Expr lstm() { return sum(3).sigmoid().mul(state().tanh()); }

        Expr gru() {
            Expr fresh = load(4).add(sum(0).sigmoid().mul(load(5))).tanh();
            return fresh.add(sum(1).sigmoid().mul(state().sub(fresh)));
        }
    }
}
