package dev.cresset.ir.script.ast;

/** The prefix operators on numbers and tensors; {@code not} is {@link Expr.Not}. */
public enum UnaryOp {
    NEGATE("-"), INVERT("~"), PLUS("+");

    private final String symbol;

    UnaryOp(String symbol) { this.symbol = symbol; }

    public String symbol() { return symbol; }
}
