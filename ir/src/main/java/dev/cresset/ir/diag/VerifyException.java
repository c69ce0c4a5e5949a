package dev.cresset.ir.diag;

/** A graph that breaks a rule of graphs: a fault of whatever made it, never of the user's program. */
public final class VerifyException extends CressetException {
    private final String fault;

    /**
     * @param fault   what is wrong, one sentence
     * @param excerpt the printed nodes around the fault, the faulty one marked
     */
    public VerifyException(String fault, String excerpt) {
        super("the graph is not well formed: " + fault + "\n" + excerpt);
        this.fault = fault;
    }

    private VerifyException(String fault, String message, Throwable cause) {
        super(message, cause);
        this.fault = fault;
    }

    /** The same fault, saying which pass has just run. */
    public VerifyException after(String pass) {
        return new VerifyException(fault, "after pass '" + pass + "' " + getMessage(), this);
    }

    public String fault() { return fault; }
}
