package dev.cresset.kernels.fuse;

/** Asks for a lowering to begin again with other loops. Has no stack trace. */
final class OtherLoops extends RuntimeException {
    final int dim;
    final long inner;
    final boolean isCut;

    /**
     * Loop {@code dim} becomes two, the inner of size {@code inner}.
     *
     * @param isCut true if only the inner one is to be a loop, and what the outer one would do stands side by side
     */
    OtherLoops(int dim, long inner, boolean isCut) {
        super(null, null, false, false);
        this.dim = dim;
        this.inner = inner;
        this.isCut = isCut;
    }
}
