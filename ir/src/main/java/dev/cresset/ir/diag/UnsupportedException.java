package dev.cresset.ir.diag;

import java.util.List;

/** Something PyTorch has and this build of Cresset does not run yet; names it. */
public final class UnsupportedException extends CressetException {
    private final List<String> operators;

    public UnsupportedException(String message, List<String> operators) {
        super(message);
        this.operators = List.copyOf(operators);
    }

    /** Qualified names with overloads, {@code quantized::linear}; empty if it is not about operators. */
    public List<String> operators() { return operators; }
}
