package dev.cresset.kernels.cuda.driver;

/** Something the device or a library on this machine cannot do. */
public final class CudaUnsupportedException extends CudaException {
    CudaUnsupportedException(String message) { super(message); }
}
