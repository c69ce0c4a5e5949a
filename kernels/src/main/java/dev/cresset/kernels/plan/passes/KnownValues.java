package dev.cresset.kernels.plan.passes;

import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Uses;

/** Which values of a graph are constants, and what they are. */
public interface KnownValues {
    /** True of constants, None among them. */
    boolean has(Value v);

    /** The constant; null for None, and for what is no constant. */
    Object of(Value v);

    /** Those that {@code prim::Constant} nodes define. */
    static KnownValues in(Uses uses) {
        return new KnownValues() {
            @Override public boolean has(Value v) { return Constants.is(v, uses); }

            @Override public Object of(Value v) { return Constants.value(v, uses); }
        };
    }
}
