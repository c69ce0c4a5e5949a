package dev.cresset.ir.diag;

/** TorchScript source that does not parse or does not compile. The message shows the source with the place marked. */
public final class ScriptException extends CressetException {
    public ScriptException(String reason, dev.cresset.ir.graph.SourceRange where) {
        super(where == null ? reason : reason + ":\n" + where.show());
    }

    public ScriptException(String message) { super(message); }
}
