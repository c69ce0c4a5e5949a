package dev.cresset.kernels.cuda.driver;

/** A call that a library refused: wrong arguments, a wrong state. A fault of Cresset. */
public final class CudaCallException extends CudaException {
    CudaCallException(String message) { super(message); }
}
