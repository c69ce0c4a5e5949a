package dev.cresset.kernels.cuda.driver;

/**
 * An error after which CUDA answers every call of this process with the same error: an illegal access in a kernel, a
 * hardware fault. Only a new process can use the device again.
 */
public final class DeviceLostException extends CudaException {
    DeviceLostException(String message) { super(message); }
}
