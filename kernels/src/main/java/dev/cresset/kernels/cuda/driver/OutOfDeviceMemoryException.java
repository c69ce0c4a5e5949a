package dev.cresset.kernels.cuda.driver;

/** There is not so much device memory, also after the caches were freed. The device goes on working; the call does not. */
public final class OutOfDeviceMemoryException extends CudaException {
    private final long bytes;

    OutOfDeviceMemoryException(long bytes, String message) {
        super(message);
        this.bytes = bytes;
    }

    /** Bytes asked for; 0 if a library of NVIDIA's asked. */
    public long bytes() { return bytes; }
}
