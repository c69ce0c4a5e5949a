package dev.cresset.ir.diag;

/** The root of all errors that Cresset reports on purpose. The message is a sentence for the user; subclasses say which kind. */
public class CressetException extends RuntimeException {
    public CressetException(String message) { super(message); }

    public CressetException(String message, Throwable cause) { super(message, cause); }
}
