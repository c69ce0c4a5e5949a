package dev.cresset.kernels.fuse;

/** Why operators cannot become one kernel. Thrown deep within a lowering and caught where it began; has no stack trace. */
final class CannotFuse extends RuntimeException {
    /** @param reason a phrase for people: {@code "complex numbers"} */
    CannotFuse(String reason) { super(reason, null, false, false); }

    String reason() { return getMessage(); }
}
