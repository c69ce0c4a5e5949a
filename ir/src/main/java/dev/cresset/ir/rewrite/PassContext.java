package dev.cresset.ir.rewrite;

import dev.cresset.ir.schema.OperatorInfo;
import dev.cresset.ir.schema.OperatorTable;

/**
 * What one run of a pass may use. A pass asks {@link #mayChange} before each change, so that a wrong change can be
 * found
 * by stopping after the n-th.
 */
public final class PassContext {
    private final OperatorTable operators;
    private final long limit;
    private long changes;

    /** @param limit how many changes the pass may make; negative for any number */
    public PassContext(OperatorTable operators, long limit) {
        this.operators = operators;
        this.limit = limit;
    }

    public PassContext(OperatorTable operators) { this(operators, -1); }

    public OperatorTable operators() { return operators; }

    /** The operator called {@code aten::add.Tensor}. @throws IllegalArgumentException if the table lacks it */
    public OperatorInfo operator(String qualifiedName) {
        return operators.find(qualifiedName).orElseThrow(() ->
            new IllegalArgumentException("a pass needs the operator " + qualifiedName
                + ", which the operator table lacks"));
    }

    /** Counts one change and says whether the pass may make it. */
    public boolean mayChange() {
        if (limit >= 0 && changes >= limit) return false;
        changes++;
        return true;
    }

    /** Changes made so far. */
    public long changes() { return changes; }
}
