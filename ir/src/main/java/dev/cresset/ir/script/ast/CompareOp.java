package dev.cresset.ir.script.ast;

/** The operators that compare; all have one precedence. */
public enum CompareOp {
    EQUAL("=="), NOT_EQUAL("!="), LESS("<"), LESS_EQUAL("<="), GREATER(">"), GREATER_EQUAL(">="), IN("in"),
    NOT_IN("not in"), IS("is"), IS_NOT("is not");

    private final String symbol;

    CompareOp(String symbol) { this.symbol = symbol; }

    public String symbol() { return symbol; }
}
