package dev.cresset.ir.script.ast;

/** The infix operators that compute a value; a higher precedence binds tighter. */
public enum BinaryOp {
    BIT_OR("|", 1), BIT_XOR("^", 2), BIT_AND("&", 3), SHIFT_LEFT("<<", 4), SHIFT_RIGHT(">>", 4), ADD("+", 5),
    SUBTRACT("-", 5), MULTIPLY("*", 6), DIVIDE("/", 6), FLOOR_DIVIDE("//", 6), MODULO("%", 6), MATMUL("@", 6),
    /** Right-associative, and tighter than a minus on its left. */
    POWER("**", 7);

    private final String symbol;
    private final int precedence;

    BinaryOp(String symbol, int precedence) {
        this.symbol = symbol;
        this.precedence = precedence;
    }

    public String symbol() { return symbol; }

    public int precedence() { return precedence; }
}
