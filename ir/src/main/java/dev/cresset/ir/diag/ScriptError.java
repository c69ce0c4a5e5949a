package dev.cresset.ir.diag;

/**
 * A TorchScript program failed while running: an operator refused its arguments, or the program raised. Operators throw
 * it with the bare reason; the interpreter adds the operator's schema and the model's own source lines.
 */
public final class ScriptError extends CressetException {
    private final String errorClass;
    private final String reason;

    public ScriptError(String reason) { this("RuntimeError", reason); }

    /**
     * @param errorClass Python's name of the error, {@code RuntimeError}, {@code IndexError}, {@code builtins.ValueError}
     * @param reason     what went wrong, as PyTorch words it where a program could look at it
     */
    public ScriptError(String errorClass, String reason) { this(errorClass, reason, errorClass + ": " + reason, null); }

    /** An error that no operator foresaw; {@code cause} is what happened. */
    public static ScriptError unexpected(Throwable cause) {
        String reason = "unexpected " + cause.getClass().getSimpleName() + ": " + cause.getMessage();
        return new ScriptError("RuntimeError", reason, "RuntimeError: " + reason, cause);
    }

    private ScriptError(String errorClass, String reason, String message, Throwable cause) {
        super(message, cause);
        this.errorClass = errorClass;
        this.reason = reason;
    }

    /** The same error with a longer message that shows where it happened; the last line stays {@code class: reason}. */
    public ScriptError located(String trace) {
        return new ScriptError(errorClass, reason, trace + "\n" + errorClass + ": " + reason, this);
    }

    /** True if the message says already where it happened. */
    public boolean isLocated() { return getCause() instanceof ScriptError; }

    public String errorClass() { return errorClass; }

    public String reason() { return reason; }
}
