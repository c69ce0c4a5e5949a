package dev.cresset.runtime.specialize;

/** A graph, or the way it was called, that specialising does not understand; the message says what. It runs unoptimised. */
public final class Unspecialisable extends RuntimeException {
    private static final long serialVersionUID = 1;

    public Unspecialisable(String reason) { super(reason, null, false, false); }
}
