package dev.cresset.kernels.plan;

import java.util.List;

/** What a value of the subgraph is while it is compiled. */
sealed interface Operand permits Place, Operand.Constant, Operand.Items {
    /** A value known before any run: a number, a text, None, a tensor of the program, a list of such. */
    record Constant(Object value) implements Operand {}

    /** A list of which some items are tensors of the run. */
    record Items(List<Operand> items) implements Operand {
        public Items { items = List.copyOf(items); }
    }
}
