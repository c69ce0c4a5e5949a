package dev.cresset.kernels.cuda.driver;

import dev.cresset.ir.diag.CressetException;

/** A call of CUDA's libraries that failed. Subclasses say what the caller may do about it. */
public sealed class CudaException extends CressetException
    permits OutOfDeviceMemoryException, DeviceLostException, KernelCompileException, CudaUnavailableException,
        CudaUnsupportedException, CudaCallException {
    CudaException(String message) { super(message); }

    CudaException(String message, Throwable cause) { super(message, cause); }
}
