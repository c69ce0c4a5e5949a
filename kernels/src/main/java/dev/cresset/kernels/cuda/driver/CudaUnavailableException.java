package dev.cresset.kernels.cuda.driver;

/** This machine cannot run on an NVIDIA device as it is; the message is the diagnosis, a line for each thing missing. */
public final class CudaUnavailableException extends CudaException {
    CudaUnavailableException(String message) { super(message); }
}
